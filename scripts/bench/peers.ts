/** The programs that the benchmark runs beside flowhawk, and what each does with the same capture. */
import { accessSync, constants, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Place {
  capture: string
  /** A folder for what a program writes. */
  folder: string
}

export interface Peer {
  name: string
  /** The program looked for; undefined: ours or Node's, always there. */
  program?: string
  does: string
  command(place: Place): string[]
  /** Reads only so many packets, because all would take too long. */
  firstPackets?: number
  prepare?(place: Place): void
}

/** The command as it is installed: it runs by its first line. */
export const CLI = fileURLToPath(new URL('../../src/cli.js', import.meta.url))
const PCAP_PARSER = fileURLToPath(new URL('./pcap-parser.js', import.meta.url))
const TSHARK_PACKETS = 1_000_000

/** Gone before each run, as those of the others: emptying what the last run wrote takes a fifth of a second. */
export function outputOf(folder: string): string {
  return join(folder, 'flowhawk.ndjson')
}

function emptyFolder(place: Place): void {
  rmSync(join(place.folder, 'nfpcapd'), { recursive: true, force: true })
  mkdirSync(join(place.folder, 'nfpcapd'), { recursive: true })
}

export const PEERS: Peer[] = [
  {
    name: 'flowhawk',
    does: 'two-way flows, labels with evidence, pools and sessions; a JSON record each, to a file',
    command: ({ capture, folder }) => [CLI, 'analyze', capture, '-o', outputOf(folder), '--quiet'],
    prepare: ({ folder }) => rmSync(outputOf(folder), { force: true }),
  },
  {
    name: 'nfpcapd',
    program: 'nfpcapd',
    does: 'one-way flows as binary records to files; no labels, no payload',
    command: ({ capture, folder }) => ['nfpcapd', '-r', capture, '-w', join(folder, 'nfpcapd')],
    prepare: emptyFolder,
  },
  {
    name: 'argus',
    program: 'argus',
    does: 'two-way flows with TCP states as binary records to a file; no labels',
    command: ({ capture, folder }) => ['argus', '-X', '-r', capture, '-w', join(folder, 'argus.out')],
    prepare: ({ folder }) => rmSync(join(folder, 'argus.out'), { force: true }),
  },
  {
    name: 'ndpiReader',
    program: 'ndpiReader',
    does: 'two-way flows with labels from payload, kept in memory; prints totals, writes no flow',
    command: ({ capture }) => ['ndpiReader', '-i', capture, '-q'],
  },
  {
    name: 'tshark',
    program: 'tshark',
    does: `dissects every layer, counts UDP conversations only; the first ${TSHARK_PACKETS / 1e6} million packets`,
    command: ({ capture }) => [
      'tshark',
      '-n',
      '-q',
      '-z',
      'conv,udp',
      '-c',
      String(TSHARK_PACKETS),
      '-r',
      capture,
    ],
    firstPackets: TSHARK_PACKETS,
  },
  {
    name: 'tcpdump',
    program: 'tcpdump',
    does: 'counts packets: no decoding, no flows',
    command: ({ capture }) => ['tcpdump', '-n', '-r', capture, '--count'],
  },
  {
    name: 'capinfos',
    program: 'capinfos',
    does: 'counts packets: no decoding, no flows',
    command: ({ capture }) => ['capinfos', '-c', capture],
  },
  {
    name: 'pcap-parser',
    does: 'an event a packet in JavaScript, classic pcap only: no decoding, no flows',
    command: ({ capture }) => [process.execPath, PCAP_PARSER, capture],
  },
]

export function installed(peer: Peer): boolean {
  if (peer.program === undefined) return true
  for (const folder of (process.env.PATH ?? '').split(':').concat('/usr/sbin', '/sbin')) {
    try {
      accessSync(join(folder, peer.program), constants.X_OK)
      return true
    } catch {
      // Not in this folder.
    }
  }
  return false
}
