/**
 * Which signatures to try on a payload: a table per IP protocol, by label, by port hint and by first byte, each
 * entry a list of signature indices in the order in which they were registered. Built once.
 */
import type { Signature } from './payload.ts'

/** Payload packets of each direction that are tried without a hint. */
export const DEFAULT_DEPTH = 3
/** Values of a byte. */
export const BYTES = 256
const PORTS = 0x10000
/** Evidence stores an index in 12 bits. */
const MAX_SIGNATURES = 4095

export interface ProtocolTable {
  ofLabel(label: string): Uint16Array | undefined
  /** Payload packets a direction that some signature of the label may want to see. */
  depthOf(label: string): number
  ofPort(port: number): Uint16Array | undefined
  ofFirstByte(byte: number): Uint16Array
}

export interface Dispatch {
  readonly signatures: readonly Signature[]
  /** By signature index. */
  readonly matchers: readonly Signature['match'][]
  /** Payload packets a direction, by signature index. */
  readonly depths: Uint8Array
  /** `bits` by signature index; mask 0: none. */
  readonly bitOffsets: Uint8Array
  readonly bitMasks: Int32Array
  readonly bitValues: Int32Array
  /** 1 at signature index * BYTES + first byte where the signature may match. */
  readonly accepts: Uint8Array
  protocol(number: number): ProtocolTable | undefined
}

export function createDispatch(signatures: readonly Signature[]): Dispatch {
  if (signatures.length > MAX_SIGNATURES) throw new RangeError(`more than ${MAX_SIGNATURES} signatures`)
  const tables: (ProtocolTable | undefined)[] = new Array(256).fill(undefined)
  const numbers = new Set(signatures.flatMap((signature) => signature.protocols))
  for (const number of numbers) tables[number] = createTable(signatures, number)
  return {
    signatures,
    depths: Uint8Array.from(signatures, (signature) => Math.min(255, signature.depth ?? DEFAULT_DEPTH)),
    matchers: signatures.map(({ match }) => match),
    bitOffsets: Uint8Array.from(signatures, ({ bits }) => bits?.offset ?? 0),
    bitMasks: Int32Array.from(signatures, ({ bits }) => bits?.mask ?? 0),
    bitValues: Int32Array.from(signatures, ({ bits }) => bits?.value ?? 0),
    accepts: acceptTable(signatures),
    protocol: (number) => tables[number],
  }
}

function acceptTable(signatures: readonly Signature[]): Uint8Array {
  const accepts = new Uint8Array(signatures.length * BYTES)
  signatures.forEach(({ firstBytes }, index) => {
    if (firstBytes === undefined) accepts.fill(1, index * BYTES, (index + 1) * BYTES)
    else for (const byte of firstBytes) accepts[index * BYTES + byte] = 1
  })
  return accepts
}

function createTable(signatures: readonly Signature[], number: number): ProtocolTable {
  const labels = new Map<string, number[]>()
  const ports = new Map<number, number[]>()
  const bytes: number[][] = Array.from({ length: BYTES }, () => [])
  signatures.forEach((signature, index) => {
    if (!signature.protocols.includes(number)) return
    append(labels, signature.label, index)
    for (const port of signature.ports ?? []) append(ports, port, index)
    if (signature.portsOnly === true) return
    for (const byte of signature.firstBytes ?? bytes.keys()) bytes[byte].push(index)
  })
  const byLabel = new Map([...labels].map(([label, list]) => [label, Uint16Array.from(list)]))
  const byPort: (Uint16Array | undefined)[] = new Array(PORTS).fill(undefined)
  for (const [port, list] of ports) byPort[port] = Uint16Array.from(list)
  const depthByLabel = new Map<string, number>()
  for (const { label, depth = DEFAULT_DEPTH } of signatures)
    depthByLabel.set(label, Math.max(depth, depthByLabel.get(label) ?? 0))
  const byByte = bytes.map((list) => Uint16Array.from(list))
  return {
    ofLabel: (label) => byLabel.get(label),
    depthOf: (label) => depthByLabel.get(label) ?? 0,
    ofPort: (port) => byPort[port],
    ofFirstByte: (byte) => byByte[byte],
  }
}

function append<K>(map: Map<K, number[]>, key: K, index: number): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [index])
  else list.push(index)
}
