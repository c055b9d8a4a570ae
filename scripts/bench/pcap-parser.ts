/** A reader in JavaScript as a peer: counts the packets of a capture with the package pcap-parser. */
import { createReadStream } from 'node:fs'
import { createRequire } from 'node:module'

interface Parser {
  on(event: 'packet' | 'end' | 'error', listener: (value: unknown) => void): void
}

const { parse } = createRequire(import.meta.url)('pcap-parser') as {
  parse(stream: NodeJS.ReadableStream): Parser
}

let packets = 0
const parser = parse(createReadStream(process.argv[2], { highWaterMark: 262_144 }))
parser.on('packet', () => {
  packets++
})
parser.on('end', () => process.stdout.write(`${packets} packets\n`))
parser.on('error', (error) => {
  process.stderr.write(`${error}\n`)
  process.exitCode = 1
})
