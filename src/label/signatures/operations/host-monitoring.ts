/** Monitoring of hosts: Zabbix, the node of Munin, the agent of Checkmk, NRPE and NSCA of Nagios. */
import { readU16, readU32, readU32LE, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { bitsOfWords, opening } from '../common/beginnings.ts'
import { setExtra } from '../common/extras.ts'
import { fills } from '../common/length.ts'
import { TCP } from '../common/ports.ts'
import { isTimely } from '../common/timestamps.ts'

/** Zabbix: "ZBXD", flags (1 plain, 2 compressed, 4 large), length of the data. */
function zabbix(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!startsWith(bytes, start, end, 'ZBXD') || end - start < 5) return NO_MATCH
  if (bytes[start + 4] === 0 || bytes[start + 4] > 7) return NO_MATCH
  if (end - start >= 13) {
    const length = readU32LE(bytes, start + 5)
    if ((bytes[start + 4] & 4) === 0 && length + 13 !== payload.length && !fills(payload, length + 13)) {
      return length < 0x8000000 ? STRONG : NO_MATCH
    }
    setExtra(payload, 'zabbix', 'flags', bytes[start + 4])
  }
  return STRONG
}

const NRPE_OLD_LENGTH = 1036
const NRPE_HEADER = 16

/** NRPE: version, query (1) or response (2), checksum, result; from version 3 on the length of the text. */
function nrpe({ bytes, start, end, length }: Payload): number {
  if (end - start < NRPE_HEADER) return NO_MATCH
  const version = readU16(bytes, start)
  const type = readU16(bytes, start + 2)
  if (type !== 1 && type !== 2) return NO_MATCH
  if (version === 2) {
    if (length !== NRPE_OLD_LENGTH) return NO_MATCH
  } else {
    if ((version !== 3 && version !== 4) || readU16(bytes, start + 10) !== 0) return NO_MATCH
    const rest = length - NRPE_HEADER - readU32(bytes, start + 12)
    if (rest < 0 || rest > 4) return NO_MATCH
  }
  return STRONG | (type === 1 ? FROM_CLIENT : FROM_SERVER)
}

const NSCA_PORT = 5667
const NSCA_HELLO = 132

/** NSCA's server begins: 128 random bytes, then its time. */
function nsca(payload: Payload): number {
  const { bytes, start, end, ordinal, length } = payload
  if (length !== NSCA_HELLO || end - start < length || ordinal > 0 || payload.srcPort !== NSCA_PORT)
    return NO_MATCH
  return isTimely(payload, readU32(bytes, start + 128)) ? WEAK | FROM_SERVER : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'zabbix',
    says: 'starts with "ZBXD" and known flags',
    protocols: TCP,
    ports: [10050, 10051],
    firstBytes: [0x5a],
    match: zabbix,
  },
  opening({
    label: 'munin',
    says: 'starts with the greeting of a Munin node',
    protocols: TCP,
    ports: [4949],
    text: '# munin node at ',
    role: FROM_SERVER,
  }),
  opening({
    label: 'check-mk',
    says: 'starts with the first section of a Checkmk agent',
    protocols: TCP,
    ports: [6556],
    text: '<<<check_mk>>>',
    role: FROM_SERVER,
  }),
  {
    label: 'nrpe',
    says: 'holds an NRPE header with version, type and agreeing length',
    protocols: TCP,
    ports: [5666],
    bits: bitsOfWords([0x00020000, 0x00030000, 0x00040000], 0xfffffffc | 0),
    match: nrpe,
  },
  {
    label: 'nsca',
    says: 'is the greeting of NSCA: 128 bytes and a time near now, from port 5667',
    protocols: TCP,
    ports: [NSCA_PORT],
    portsOnly: true,
    match: nsca,
  },
]
