/** `flowhawk interfaces`: what `flowhawk live` can listen on, and if it cannot, what is missing. */
import {
  type BackendState,
  backendStates,
  type InterfaceInfo,
  listInterfaces,
} from '../capture/live/interfaces.ts'
import { UsageError } from '../errors.ts'
import { padEnd, wrap } from '../report/terminal/layout.ts'
import { safeText } from '../text.ts'
import type { Command } from './command.ts'
import { DONE } from './errors.ts'
import { switchFlag } from './flags.ts'
import { STDOUT } from './screen.ts'

export const interfaces: Command = {
  positionals: '',
  describe:
    'Lists the interfaces of this host: link state, addresses, and whether flowhawk live can open them; if not, ' +
    'which permission or package is missing and how to get it.',
  flags: { json: switchFlag('one JSON object a line and interface') },
  examples: [['flowhawk interfaces', 'what there is to listen on']],
  async run(flags, screen) {
    const words = Array.isArray(flags.input) ? flags.input.map(String) : []
    if (words.length > 0) {
      const what = `found ${JSON.stringify(words.join(' '))}, expected nothing`
      throw new UsageError('INTERFACES_ARGUMENT', 'interfaces', what)
    }
    const list = await listInterfaces()
    const backends = await backendStates()
    const text =
      flags.json === true
        ? list.map((each) => jsonLine(each, backends)).join('')
        : interfacesText(list, backends, screen.columns(STDOUT))
    screen.write(STDOUT, text)
    return DONE
  },
}

/** One NDJSON line for an interface. Either backend opens all of them: `any` exists only on Linux, where cap has it, too. */
export function jsonLine(info: InterfaceInfo, backends: readonly BackendState[]): string {
  const usable = backends.filter((each) => each.usable)
  return `${JSON.stringify({
    type: 'interface',
    v: 1,
    name: safeText(info.name),
    state: info.state,
    link_type: info.linkType,
    mac: info.mac,
    addresses: info.addresses,
    backends: usable.map(({ backend }) => backend),
    missing: usable.length > 0 ? undefined : backends.map(({ backend, missing }) => `${backend}: ${missing}`),
  })}\n`
}

const STATE_WORDS: Record<InterfaceInfo['state'], string> = {
  up: 'up',
  no_carrier: 'no carrier',
  down: 'down',
  unknown: 'unknown',
}

export function interfacesText(
  list: readonly InterfaceInfo[],
  backends: readonly BackendState[],
  columns: number,
): string {
  const usable = backends.filter((each) => each.usable).map(({ backend }) => backend)
  const rows = list.map((info) => [
    safeText(info.name),
    STATE_WORDS[info.state],
    usable.length > 0 ? usable.join(', ') : 'no',
    info.linkType ?? '',
    info.addresses.join('  '),
  ])
  const table = [['interface', 'state', 'can be opened', 'link type', 'addresses'], ...rows]
  const widths = table[0].map((_, i) => Math.max(...table.map((row) => row[i].length)))
  const lines = table.map((row) =>
    row
      .map((cell, i) => padEnd(cell, widths[i]))
      .join('  ')
      .trimEnd(),
  )
  const missing = backends
    .filter((each) => !each.usable && usable.length === 0)
    .flatMap(({ backend, missing }) => wrap(`${backend}: ${missing}`, columns))
  return `${[...lines, ...(missing.length > 0 ? ['', ...missing] : [])].join('\n')}\n`
}
