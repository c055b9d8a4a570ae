/**
 * TFTP (RFC 1350, options RFC 2347). Requests go to port 69, data comes from a port of its own, so the data
 * signature rests on blocks that the other side acknowledges.
 */
import { PROTOCOL_UDP, readU16 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { setExtra, setExtraText } from '../common/extras.ts'
import { onPort } from '../common/ports.ts'
import { printableRun, startsWithAnyCase } from '../common/text-scan.ts'

const PORT = 69
const READ = 1
const DATA = 3
const ACK = 4
const ERROR = 5
const OPTION_ACK = 6
const MAX_ERROR = 8
/** Letters of an error that is believed away from the port. */
const ERROR_TEXT = 12
const MODES = ['octet\0', 'netascii\0', 'mail\0']
/** Names of RFC 2348, 2349 and 7440. */
const OPTIONS = ['blksize\0', 'tsize\0', 'timeout\0', 'windowsize\0']
const BLOCK = 512
/** Names of files may hold more than ASCII. */
const SPACE = 0x20
const DELETE = 0x7f

function request(payload: Payload): number {
  const { bytes, start, end } = payload
  let name = start + 2
  while (name < end && bytes[name] >= SPACE && bytes[name] !== DELETE) name++
  if (name === start + 2 || name >= end || bytes[name] !== 0) return NO_MATCH
  for (let i = 0; i < MODES.length; i++) {
    if (!startsWithAnyCase(bytes, name + 1, end, MODES[i])) continue
    setExtra(payload, 'tftp', 'operation', bytes[start + 1] === READ ? 'read' : 'write')
    setExtraText(payload, 'tftp', 'filename', [start + 2, name])
    return STRONG | FROM_CLIENT
  }
  return NO_MATCH
}

/** An acknowledgement of the block the other side just sent, or the next block after its acknowledgement. */
function answers(payload: Payload, opcode: number): boolean {
  const { bytes, start, peer } = payload
  if (payload.peerLength < 4 || peer[0] !== 0) return false
  const block = readU16(bytes, start + 2)
  const other = (peer[2] << 8) | peer[3]
  if (opcode === ACK) return peer[1] === DATA ? block === other : peer[1] === OPTION_ACK && block === 0
  // What is written begins with block 1 behind the options.
  return peer[1] === OPTION_ACK ? block === 1 : peer[1] === ACK && block === ((other + 1) & 0xffff)
}

function tftp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 4 || bytes[start] !== 0) return NO_MATCH
  const opcode = bytes[start + 1]
  if (opcode === 0 || opcode > OPTION_ACK) return NO_MATCH
  if (opcode < DATA) return request(payload)
  if (opcode === DATA) {
    if (answers(payload, DATA)) return STRONG | roleOf(payload, DATA)
    if (continuesBlocks(payload)) return STRONG
    if (
      payload.previousLength > BLOCK + 4 &&
      payload.length <= payload.previousLength &&
      goesOn(payload, DATA)
    )
      return WEAK
    return readU16(bytes, start + 2) === 1 && payload.length === BLOCK + 4 ? WEAK : NO_MATCH
  }
  if (opcode === ACK) {
    if (payload.length !== 4) return NO_MATCH
    if (answers(payload, ACK)) return STRONG | roleOf(payload, ACK)
    return payload.previousLength === 4 && goesOn(payload, ACK) ? WEAK : NO_MATCH
  }
  if (opcode === ERROR) return error(payload)
  // Option acknowledgement: name NUL value NUL.
  if (bytes[end - 1] !== 0) return NO_MATCH
  for (let i = 0; i < OPTIONS.length; i++)
    if (startsWithAnyCase(bytes, start + 2, end, OPTIONS[i])) return STRONG | FROM_SERVER
  return NO_MATCH
}

/**
 * Whoever acknowledges the options, or block 1 as the first thing it says, reads and is the client. Block 1 follows the
 * acknowledgement of a write request, or that of the options, which the server had sent.
 */
function roleOf({ bytes, start, ordinal, peer, previous }: Payload, opcode: number): number {
  const block = readU16(bytes, start + 2)
  if (opcode === ACK) return peer[1] === OPTION_ACK || (block === 1 && ordinal === 0) ? FROM_CLIENT : 0
  if (block !== 1) return 0
  if (ordinal === 0) return FROM_CLIENT
  return ordinal === 1 && previous[1] === OPTION_ACK ? FROM_SERVER : 0
}

/** Code and text, up to a NUL at the end. Away from the port a longer text is asked for, and nothing else said but TFTP. */
function error(payload: Payload): number {
  const { bytes, start, end, ordinal, peerOrdinal } = payload
  if (end - start < 5 || readU16(bytes, start + 2) > MAX_ERROR) return NO_MATCH
  const stop = printableRun(bytes, start + 4, end)
  if (stop !== start + payload.length - 1 || stop >= end || bytes[stop] !== 0) return NO_MATCH
  if (ordinal + peerOrdinal > 0)
    return onPort(payload, PORT) || payload.labelSoFar === 'tftp' ? WEAK : NO_MATCH
  // The first word in a flow is the refusal of a request that went to the port.
  return onPort(payload, PORT) || stop - start - 4 >= ERROR_TEXT ? WEAK | FROM_SERVER : NO_MATCH
}

/** The block after the one before it, both full: the acknowledgements go another way, or were not captured. */
function continuesBlocks(payload: Payload): boolean {
  return payload.previousLength === BLOCK + 4 && payload.length <= BLOCK + 4 && goesOn(payload, DATA)
}

/** The same direction's packet before it was of this kind, with the block before this one. */
function goesOn({ bytes, start, previous }: Payload, opcode: number): boolean {
  if (previous[0] !== 0 || previous[1] !== opcode) return false
  return readU16(bytes, start + 2) === ((readU16(previous, 2) + 1) & 0xffff)
}

export const signatures: Signature[] = [
  {
    label: 'tftp',
    says: 'is a TFTP request with a transfer mode, a data block and its acknowledgement, options, or an error',
    protocols: [PROTOCOL_UDP],
    ports: [PORT],
    firstBytes: [0],
    match: tftp,
  },
]
