/** Monitoring of hosts: Zabbix, the node of Munin, the agent of Checkmk. */
import { readU32LE, startsWith } from '../../../bytes.ts'
import { FROM_SERVER, NO_MATCH, type Payload, type Signature, STRONG } from '../../inspect/payload.ts'
import { opening } from '../common/beginnings.ts'
import { fills, TCP, tell } from '../common/shape.ts'

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
    tell(payload, 'zabbix', 'flags', bytes[start + 4])
  }
  return STRONG
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
]
