/** The built frames as tshark reads them: proof that the packet builder and the decoder do not err together. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { pcapFile } from '../packet-builder.ts'
import { SAMPLES, type Sample } from './catalogue.ts'

const test = suite('decode oracle')

const missing = spawnSync('tshark', ['--version']).error !== undefined
const FIELDS = ['ip.src', 'ipv6.src', 'udp.srcport', 'udp.dstport', 'tcp.srcport', 'tcp.dstport']

/** Other programs do not know these, or only after being told: not announced in the bytes. */
const NOT_IN_TSHARK = new Set([
  'mpls pseudowire',
  'l2tpv3 udp',
  'l2tpv3 ip',
  'vxlan 8472',
  'capwap',
  'null 10',
  'null 23',
  'prism',
])

/** "src:port > dst" of the innermost header; the last occurrence of each field. */
function tsharkFlows(samples: Sample[], linkType: number): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'flowhawk-oracle-'))
  try {
    const file = join(folder, 'frames.pcap')
    writeFileSync(
      file,
      pcapFile(
        samples.map(({ frame }) => frame),
        { linkType },
      ),
    )
    const columns = FIELDS.flatMap((field) => ['-e', field])
    const out = spawnSync('tshark', ['-n', '-r', file, '-T', 'fields', '-E', 'occurrence=l', ...columns])
    return out.stdout
      .toString()
      .split('\n')
      .slice(0, samples.length)
      .map((line) => {
        const [ip, ipv6, udpSrc, udpDst, tcpSrc, tcpDst] = line.split('\t')
        return `${udpSrc || tcpSrc} > ${udpDst || tcpDst} from ${ip} ${ipv6}`
      })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('tshark finds the same innermost flow', () => {
  if (missing && process.env.CI === undefined) return
  assert.not(missing, 'tshark is not installed')
  const usable = SAMPLES.filter(({ name, flow }) => / (6|17)$/.test(flow) && !NOT_IN_TSHARK.has(name))
  for (const linkType of new Set(usable.map((sample) => sample.linkType))) {
    const samples = usable.filter((sample) => sample.linkType === linkType)
    const flows = tsharkFlows(samples, linkType)
    samples.forEach((sample, i) => {
      const [src, , dst] = sample.flow.split(' ')
      const at = src.lastIndexOf(':')
      const ports = `${src.slice(at + 1)} > ${dst.slice(dst.lastIndexOf(':') + 1)}`
      assert.ok(flows[i].startsWith(ports), `${sample.name}: ${ports}, tshark ${flows[i]}`)
      assert.ok(flows[i].includes(src.slice(0, at)), `${sample.name}: ${src}, tshark ${flows[i]}`)
    })
  }
})

test.run()
