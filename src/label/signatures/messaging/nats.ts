/** NATS: the text protocol of its clients. */
import { startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { onPort, TCP } from '../common/ports.ts'
import { findText, lineStop } from '../common/text-scan.ts'

/** How far JSON is searched: its fields stand in any order. */
const NATS_SEARCH = 1024
const PUBLISHING = ['PUB ', 'HPUB ']
const DELIVERING = ['MSG ', 'HMSG ']

/** A message whose line ends with the number of bytes (headers included) that follow it, and CR LF behind them. */
function natsMessage(payload: Payload): boolean {
  const { bytes, start, end } = payload
  const line = lineStop(bytes, start, end)
  let digits = line
  while (digits > start && bytes[digits - 1] >= 0x30 && bytes[digits - 1] <= 0x39) digits--
  if (digits === line || line - digits > 8 || bytes[digits - 1] !== 0x20) return false
  let size = 0
  for (let at = digits; at < line; at++) size = size * 10 + bytes[at] - 0x30
  const stop = line + 2 + size
  return stop + 2 <= end && startsWith(bytes, line, end, '\r\n') && startsWith(bytes, stop, end, '\r\n')
}

/** NATS client protocol: text verbs; INFO and CONNECT carry JSON. */
function nats(payload: Payload): number {
  const { bytes, start, end } = payload
  if (startsWith(bytes, start, end, 'INFO {')) {
    return findText(bytes, start, Math.min(end, start + NATS_SEARCH), '"server_') >= 0
      ? STRONG | FROM_SERVER
      : NO_MATCH
  }
  if (startsWith(bytes, start, end, 'CONNECT {')) return STRONG | FROM_CLIENT
  for (const verb of PUBLISHING)
    if (startsWith(bytes, start, end, verb) && natsMessage(payload)) return STRONG | FROM_CLIENT
  for (const verb of DELIVERING)
    if (startsWith(bytes, start, end, verb) && natsMessage(payload)) return STRONG | FROM_SERVER
  if (!onPort(payload, 4222)) return NO_MATCH
  if (startsWith(bytes, start, end, 'PING\r\n') || startsWith(bytes, start, end, 'PONG\r\n')) return WEAK
  if (startsWith(bytes, start, end, 'PUB ') || startsWith(bytes, start, end, 'SUB '))
    return WEAK | FROM_CLIENT
  return startsWith(bytes, start, end, 'MSG ') ? WEAK | FROM_SERVER : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'nats',
    says: 'is a NATS INFO or CONNECT with JSON, a message of agreeing size, or a NATS verb on port 4222',
    protocols: TCP,
    ports: [4222],
    firstBytes: [0x49, 0x43, 0x48, 0x50, 0x53, 0x4d],
    match: nats,
  },
]
