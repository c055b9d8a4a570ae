/**
 * The interfaces of this host: names, addresses, link state, and which backend can open them. On Linux from /proc and
 * /sys, elsewhere from Node, which lists only interfaces that are up and have an address. Nothing is captured.
 */
import { readdir, readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import process from 'node:process'
import { InputError } from '../../errors.ts'
import { safeText } from '../../text.ts'
import { linkTypeName } from '../linktypes.ts'
import { loadCap } from './live.ts'
import type { Backend } from './live-types.ts'
import { ANY, checkPermission, linkTypeOf } from './ring-socket.ts'

export interface InterfaceInfo {
  name: string
  /** With prefix length: "10.0.0.1/24". Only of interfaces that are up. */
  addresses: string[]
  /** Of the network card. */
  mac?: string
  state: 'up' | 'no_carrier' | 'down' | 'unknown'
  linkType?: string
}

export interface BackendState {
  backend: Backend
  usable: boolean
  /** What is missing and how to get it. */
  missing?: string
  code?: string
}

const IFF_UP = 1
const PROC_HEADER_LINES = 2
const NO_MAC = '00:00:00:00:00:00'

/** By name; on Linux `any`, all of them at once, comes last. */
export async function listInterfaces(): Promise<InterfaceInfo[]> {
  const known = networkInterfaces()
  const linux = process.platform === 'linux'
  const names = linux ? await linuxNames() : []
  const list: InterfaceInfo[] = []
  for (const name of new Set([...names, ...Object.keys(known)].sort())) {
    const addresses = known[name] ?? []
    const mac = addresses.find((each) => each.mac !== NO_MAC)?.mac
    list.push({
      name,
      addresses: addresses.map(({ address, cidr }) => cidr ?? address),
      ...(mac === undefined ? {} : { mac }),
      ...(linux ? await linuxState(name) : { state: 'up' }),
    })
  }
  if (linux) list.push({ name: ANY, addresses: [], state: 'up', linkType: linkName(undefined) })
  return list
}

/** Names in this process's own network namespace; /sys may show another one. */
async function linuxNames(): Promise<string[]> {
  const text = await readFile('/proc/net/dev', 'utf8').catch(() => '')
  const names = text
    .split('\n')
    .slice(PROC_HEADER_LINES)
    .map((line) => line.slice(0, line.lastIndexOf(':')).trim())
    .filter((name) => name !== '')
  return names.length > 0 ? names : readdir('/sys/class/net').catch(() => [])
}

async function linuxState(name: string): Promise<Pick<InterfaceInfo, 'state' | 'linkType' | 'mac'>> {
  const read = (file: string) =>
    readFile(`/sys/class/net/${name}/${file}`, 'utf8').then(
      (text) => text.trim(),
      () => undefined,
    )
  const [flags, carrier, type, mac] = await Promise.all(['flags', 'carrier', 'type', 'address'].map(read))
  const linkType = type === undefined ? undefined : linkName(Number(type))
  const hardware = mac === undefined || mac === '' || mac === NO_MAC ? {} : { mac: safeText(mac) }
  if (flags === undefined) return { state: 'unknown', ...hardware }
  if ((Number(flags) & IFF_UP) === 0) return { state: 'down', linkType, ...hardware }
  return { state: carrier === '0' ? 'no_carrier' : 'up', linkType, ...hardware }
}

function linkName(hardware: number | undefined): string {
  return linkTypeName(linkTypeOf(hardware).linkType)
}

/** Which backends this process can use, in the order in which `auto` tries them. */
export async function backendStates(): Promise<BackendState[]> {
  const states: BackendState[] = []
  if (process.platform === 'linux') states.push(await stateOf('ring', checkPermission))
  const cap = await stateOf('cap', () => loadCap('cap'))
  const [ring] = states
  // libpcap needs the same permission.
  if (cap.usable && ring?.code === 'CAPTURE_NO_PERMISSION') states.push({ ...ring, backend: 'cap' })
  else states.push(cap)
  return states
}

async function stateOf(backend: Backend, check: () => Promise<unknown>): Promise<BackendState> {
  try {
    await check()
    return { backend, usable: true }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return { backend, usable: false, missing: withoutFrame(error), code: error.code }
  }
}

/** The message without place and code. */
function withoutFrame({ message, place, code }: InputError): string {
  return message.slice(`${place}: `.length, -` (${code})`.length)
}
