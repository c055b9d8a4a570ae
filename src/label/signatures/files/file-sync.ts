/** Programs that keep files the same: Dropbox's LAN sync, Syncthing's announcements and relay, Resilio's announcements. */
import { readI32, readU16, readU32 } from '../../../bytes.ts'
import { NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../../inspect/payload.ts'
import { opening } from '../common/beginnings.ts'
import { onPort, TCP, UDP } from '../common/ports.ts'
import { findText } from '../common/text-scan.ts'

/** How far JSON is searched: its fields stand in any order. */
const SEARCH = 1024

/** Dropbox LAN sync announces itself as JSON that names host_int and namespaces or version, in any order. */
function dropbox(payload: Payload): number {
  const { bytes, start, end } = payload
  const stop = Math.min(end, start + SEARCH)
  const near = onPort(payload, 17500) ? stop : Math.min(end, start + 80)
  if (findText(bytes, start, near, '"host_int"') < 0) return NO_MATCH
  const known =
    findText(bytes, start, stop, '"version"') >= 0 || findText(bytes, start, stop, '"namespaces"') >= 0
  return known ? STRONG : NO_MATCH
}

/** Dropbox's command bus on its LAN port: the name stands within the first bytes of each message. */
function dropboxBus(payload: Payload): number {
  if (!onPort(payload, 17500)) return NO_MATCH
  const stop = Math.min(payload.end, payload.start + 64)
  return findText(payload.bytes, payload.start, stop, 'Bus17Cmd') >= 0 ? STRONG : NO_MATCH
}

const SYNCTHING = 0x2ea7d90b

/** Local discovery version 4: the magic, then Announce with a device id of 32 bytes as its first field. */
function syncthing({ bytes, start, end }: Payload): number {
  if (end - start < 6 || readI32(bytes, start) !== SYNCTHING) return NO_MATCH
  return readU16(bytes, start + 4) === 0x0a20 ? STRONG : WEAK
}

const RELAY = 0x9e79bc40 | 0
const LAST_RELAY_MESSAGE = 7
const RELAY_HEADER = 12

/** Relay protocol version 1: magic, type of message, length of the rest. */
function syncthingRelay({ bytes, start, end, length }: Payload): number {
  if (end - start < RELAY_HEADER || readI32(bytes, start) !== RELAY) return NO_MATCH
  const fits = readU32(bytes, start + 8) + RELAY_HEADER <= length
  return fits && readU32(bytes, start + 4) <= LAST_RELAY_MESSAGE ? STRONG : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'dropbox',
    says: 'is a Dropbox LAN announcement: JSON with host_int and version',
    protocols: UDP,
    ports: [17500],
    firstBytes: [0x7b],
    match: dropbox,
  },
  {
    label: 'dropbox',
    says: 'names Bus17Cmd within its first bytes, on the Dropbox LAN port 17500',
    protocols: UDP,
    ports: [17500],
    portsOnly: true,
    match: dropboxBus,
  },
  {
    label: 'syncthing',
    says: 'starts with 2e a7 d9 0b and a device id of Syncthing',
    protocols: UDP,
    ports: [21027],
    bits: { offset: 0, mask: 0xffffffff, value: SYNCTHING },
    match: syncthing,
  },
  {
    label: 'syncthing',
    says: 'starts with 9e 79 bc 40, a type and the length of a message of the Syncthing relay',
    protocols: TCP,
    ports: [22067],
    bits: { offset: 0, mask: 0xffffffff, value: RELAY },
    match: syncthingRelay,
  },
  opening({
    label: 'resilio',
    says: 'starts with "BSYNC" and a dictionary of BitTorrent',
    protocols: UDP,
    ports: [3838],
    text: 'BSYNC\0d',
  }),
]
