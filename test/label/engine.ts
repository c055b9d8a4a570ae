/** Shows payloads to the inspector, one packet at a time, as the pipeline does. */
import { parseAddress } from '../../src/address.ts'
import { createPacket } from '../../src/decode/packet.ts'
import { createDispatch } from '../../src/label/inspect/dispatch.ts'
import { directionsOf, signatureOf, strengthOf } from '../../src/label/inspect/evidence-words.ts'
import { isOpen, plainHandle, SETTLED } from '../../src/label/inspect/handle.ts'
import { Inspector } from '../../src/label/inspect/inspect.ts'
import { NO_MATCH, type Payload, type Service, type Signature } from '../../src/label/inspect/payload.ts'
import { ascii } from '../packet-bytes.ts'

/** A signature of TCP and UDP that answers what `match` says to payloads that begin with `begins`. */
export function signature(
  label: string,
  begins: string,
  match: number | ((payload: Payload) => number),
  rest: Partial<Signature> = {},
): Signature {
  return {
    label,
    says: `begins with ${begins}`,
    protocols: [6, 17],
    match: (payload) => {
      if (!payloadText(payload).startsWith(begins)) return NO_MATCH
      return typeof match === 'number' ? match : match(payload)
    },
    ...rest,
  }
}

/** The captured bytes as Latin-1. */
export function payloadText(payload: Payload): string {
  return Buffer.from(payload.bytes.subarray(payload.start, payload.end)).toString('latin1')
}

export interface Ends {
  protocol?: number
  /** Port of side a, which speaks first, and of side b. */
  ports?: readonly [a: number, b: number]
  /** IPv4 address of side b; that of side a is 0.0.0.0. */
  server?: string
}

export interface Talk {
  inspector: Inspector
  /** The flow's handle; EXHAUSTED once nothing can be learnt. */
  handle: number
  /** Payload has told all it can. */
  settled: boolean
  /** Payload of the side may still tell something. */
  open: { a: boolean; b: boolean }
  /** One payload packet from side a or b; `length` by the headers, where the packet was cut; sequence number of TCP. */
  say(from: 'a' | 'b', text: string, length?: number, sequence?: number): void
  /** "label strength directions" of each piece of evidence, directions as a, b or ab. */
  evidence(): string[]
  /** What the name cache was told. */
  readonly learnt: string[]
  /** Label and port of each service announced. */
  readonly announced: string[]
}

const GUARD = 8

/** A flow that shows its payload to `signatures`, or another flow of the same inspector. */
export function talk(with_: readonly Signature[] | Inspector, ends: Ends = {}): Talk {
  const { protocol = 6, ports = [50000, 80], server = '0.0.0.0' } = ends
  const learnt: string[] = []
  const announced: string[] = []
  const events = {
    answer: (_client: unknown, name: string, ttl: number, words: readonly number[]) => {
      learnt.push(`${name} ${ttl} ${words.join()}`)
    },
    announce: (_packet: unknown, { label, port }: Service) => {
      announced.push(`${label} ${port}`)
    },
  }
  const inspector = with_ instanceof Inspector ? with_ : new Inspector(createDispatch(with_), events)
  const packet = createPacket()
  packet.protocol = protocol
  packet.ipVersion = 4
  /** Where none is given: behind a gap, as what was never sent before and goes on from nothing. */
  let nextSequence = 0
  return {
    inspector,
    handle: inspector.open(),
    settled: false,
    open: { a: true, b: true },
    learnt,
    announced,
    say(from, text, length = text.length, sequence = nextSequence) {
      const direction = from === 'a' ? 0 : 1
      const bytes = new Uint8Array(text.length + 2 * GUARD).fill(0xee)
      bytes.set(ascii(text), GUARD)
      packet.srcPort = ports[direction]
      packet.dstPort = ports[1 - direction]
      const address = parseAddress(server)?.words[3] ?? 0
      packet.src3 = direction === 0 ? 0 : address
      packet.dst3 = direction === 0 ? address : 0
      packet.payloadStart = GUARD
      packet.payloadEnd = GUARD + text.length
      packet.payloadBytes = length
      packet.tcpSequence = sequence
      nextSequence = sequence + length + 1
      packet.timeSec++
      const handle = inspector.inspect(this.handle, packet, bytes, direction)
      this.settled = handle >= SETTLED
      this.open = { a: isOpen(handle, 0), b: isOpen(handle, 1) }
      this.handle = plainHandle(handle)
    },
    evidence() {
      const found: string[] = []
      for (let slot = 0; this.handle >= 0 && slot < 4; slot++) {
        const word = inspector.evidenceWord(this.handle, slot)
        const index = signatureOf(word)
        if (index < 0) break
        const strength = ['', 'weak', 'strong'][strengthOf(word)]
        const directions = ['', 'a', 'b', 'ab'][directionsOf(word)]
        found.push(`${inspector.signatures[index].label} ${strength} ${directions}`)
      }
      return found
    },
  }
}
