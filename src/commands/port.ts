/** `flowhawk port 3280 3321 rdp 3224-3324`: what a port is, who registered it, what runs there, who listens now. */
import { UsageError } from '../errors.ts'
import { type NamedPort, type PortInfo, portInfo, portsOf } from '../label/ports/portinfo.ts'
import { text, texts, word } from '../options.ts'
import type { Command } from './command.ts'
import { DONE } from './errors.ts'
import { choiceFlag, KNOWLEDGE_FLAGS, switchFlag } from './flags.ts'
import { loadKnowledge } from './knowledge-files.ts'
import { type Listening, listenersOn, noteFor } from './listeners.ts'
import { portBlocks, portTable } from './port-text.ts'
import { STDOUT } from './screen.ts'

/** More ports than this are shown as a table. */
const MAX_BLOCKS = 20

export const port: Command = {
  positionals: '<port..>',
  describe:
    'Tells what a port is: registration, known use, pool slot, history, and who listens on this host now.',
  flags: {
    transport: choiceFlag('only this transport; default both', ['tcp', 'udp']),
    json: switchFlag('one JSON object a line and port'),
    rules: KNOWLEDGE_FLAGS.rules,
    registry: KNOWLEDGE_FLAGS.registry,
  },
  examples: [
    ['flowhawk port 3280 3321', 'two ports'],
    ['flowhawk port 3224-3324', 'a range, as a table'],
    ['flowhawk port 53/udp', 'one transport only; of a range, too'],
    ['flowhawk port rdp framehawk', 'services and pools by name'],
  ],
  async run(flags, screen) {
    const words = Array.isArray(flags.input) ? flags.input.map(String) : []
    if (words.length === 0) {
      throw new UsageError('PORT_MISSING', 'port', 'found no port, expected a number, lo-hi, or a name')
    }
    const transport = word(flags, 'transport', ['tcp', 'udp'])
    const { rules, registry } = await loadKnowledge({
      rules: texts(flags, 'rules'),
      registry: text(flags, 'registry'),
    })
    const knowledge = { registry, pools: rules.pools, transport }
    const named = portsOf(words, knowledge)
    const infos = named.map((each) => portInfo(each.port, { ...knowledge, transport: each.transport }))
    const listening = onlyNamed(await listenersOn(new Set(named.map((each) => each.port))), named)
    // Only on a terminal the table is cut at the width.
    const columns = screen.columns(STDOUT)
    const edge = screen.isTerminal(STDOUT) ? columns : Number.POSITIVE_INFINITY
    if (flags.json === true) screen.write(STDOUT, infos.map((info) => jsonLine(info, listening)).join(''))
    else if (infos.length > MAX_BLOCKS) screen.write(STDOUT, portTable(infos, listening, edge))
    else screen.write(STDOUT, portBlocks(infos, listening, columns))
    return DONE
  },
}

/** Without listeners on transports that were not requested. */
function onlyNamed({ listeners, note }: Listening, named: readonly NamedPort[]): Listening {
  const wanted = new Map(named.map((each) => [each.port, each.transport]))
  const isWanted = (transport: string, number: number) =>
    wanted.get(number) === undefined || wanted.get(number) === transport
  return { listeners: listeners.filter((each) => isWanted(each.transport, each.port)), note }
}

/** One NDJSON line; names as in records. */
export function jsonLine(info: PortInfo, listening: Listening): string {
  const registered = info.registry.map(({ transport, entry }) => [transport, entry] as const)
  return `${JSON.stringify({
    type: 'port',
    v: 1,
    port: info.port,
    range: info.range,
    registry: Object.fromEntries(registered),
    assignee: info.assignee,
    uses: info.uses,
    pools: info.pools.map(({ slotIndex, implies, ...slot }) => ({ ...slot, slot_index: slotIndex, implies })),
    history: info.history,
    check: info.check,
    listeners: listening.listeners
      .filter((listener) => listener.port === info.port)
      .map(({ transport, address, pid, process, user }) => ({ transport, address, pid, process, user })),
    listeners_note: noteFor(info.port, listening),
  })}\n`
}
