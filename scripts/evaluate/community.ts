/** (c) The baselines of the Community ID specification: each tuple hashed, and the whole capture read. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAddress } from '../../src/address.ts'
import { type CommunityIdOptions, communityId } from '../../src/report/record/community-id.ts'
import { flowsOf } from './run.ts'

interface BaselineRow {
  proto: number
  saddr: string
  daddr: string
  sport: number | null
  dport: number | null
  communityid: string
}

const BASELINES: [file: string, options: CommunityIdOptions][] = [
  ['baseline_deflt.json', {}],
  ['baseline_nob64.json', { base64: false }],
  ['baseline_seed1.json', { seed: 1 }],
]
const ICMP = 1
const ICMPV6 = 58

function idOf(row: BaselineRow, options: CommunityIdOptions): string {
  const [src, dst] = [parseAddress(row.saddr), parseAddress(row.daddr)]
  if (src === undefined || dst === undefined) return 'not an address'
  const icmp = row.proto === ICMP || row.proto === ICMPV6
  const tuple = {
    ipVersion: src.version,
    protocol: row.proto,
    src0: src.words[0],
    src1: src.words[1],
    src2: src.words[2],
    src3: src.words[3],
    dst0: dst.words[0],
    dst1: dst.words[1],
    dst2: dst.words[2],
    dst3: dst.words[3],
    srcPort: icmp ? -1 : (row.sport ?? -1),
    dstPort: icmp ? -1 : (row.dport ?? -1),
    // The baseline's second number is the counterpart's type, or the code where there is none.
    icmpType: icmp ? (row.sport ?? 0) : -1,
    icmpCode: icmp ? (row.dport ?? 0) : -1,
  }
  return communityId(tuple, options)
}

export async function compareCommunityIds(
  folder: string,
  say: (line: string) => void,
): Promise<{ equal: number; rows: number }> {
  let equal = 0
  let rows = 0
  for (const [file, options] of BASELINES) {
    const baseline = JSON.parse(readFileSync(join(folder, 'baseline', file), 'utf8')) as BaselineRow[]
    const wrong = baseline.filter((row) => idOf(row, options) !== row.communityid)
    rows += baseline.length
    equal += baseline.length - wrong.length
    say(`community id, ${file}: ${baseline.length - wrong.length} of ${baseline.length} tuples`)
    for (const row of wrong.slice(0, 5)) say(`    ${JSON.stringify(row)}: ours ${idOf(row, options)}`)
  }
  const expected = new Set(
    (JSON.parse(readFileSync(join(folder, 'baseline', BASELINES[0][0]), 'utf8')) as BaselineRow[]).map(
      (row) => row.communityid,
    ),
  )
  const { flows } = await flowsOf(join(folder, 'pcaps', 'combined.pcap.gz'))
  const ours = new Set(flows.map((flow) => flow.community_id))
  const missing = [...expected].filter((id) => !ours.has(id))
  const extra = flows.filter((flow) => !expected.has(flow.community_id))
  say(
    `community id, combined.pcap.gz: ${expected.size - missing.length} of ${expected.size} ids, ${extra.length} flows with others`,
  )
  for (const id of missing.slice(0, 5)) say(`    missing ${id}`)
  for (const flow of extra.slice(0, 5))
    say(`    other ${flow.community_id} ${flow.transport} ${flow.src_ip} ${flow.dst_ip}`)
  return { equal, rows }
}
