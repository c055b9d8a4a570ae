/** The built frames as tshark and tcpdump read them: proof that the packet builder and the decoder do not err together. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { pcapFile } from '../packet-builder.ts'
import { SAMPLES, type Sample } from './catalogue.ts'

const test = suite('decode oracle')

const FIELDS = ['ip.src', 'ipv6.src', 'udp.srcport', 'udp.dstport', 'tcp.srcport', 'tcp.dstport']

/** Other programs do not know these, or only after being told: not announced in the bytes. */
const NOT_IN_TSHARK = new Set([
  'mpls pseudowire',
  'mpls pseudowire vlan',
  'l2tpv3 udp',
  'l2tpv3 ip',
  'vxlan 8472',
  'capwap',
  'null 10',
  'null 23',
  'prism',
  'ipoib specified',
  'ipoib specified ipv6',
  'enc ipv6 freebsd',
  'pktap version 2',
])

/**
 * Link types whose inside only tcpdump reads: SLIP, four cards of Juniper, pppd, multilink frame relay, netANALYZER
 * with preamble, switch tags.
 */
const LINKS_OF_TCPDUMP = new Set([8, 132, 134, 164, 166, 168, 182, 241, 281, 282, 284, 285])
const ONLY_IN_TCPDUMP = new Set([
  'atm cisco nlpid',
  'classical ip snap',
  'juniper ggsn long',
  'juniper services short',
])
/** Link types that neither reads: Cisco HDLC and frame relay with direction, MPLS. */
const LINKS_OF_NEITHER = new Set([205, 206, 219])

/** What a program prints of the samples' frames, line by line. */
function linesOf(samples: Sample[], linkType: number, program: string, flags: string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'flowhawk-oracle-'))
  try {
    const file = join(folder, 'frames.pcap')
    const frames = samples.map(({ frame }) => frame)
    writeFileSync(file, pcapFile(frames, { linkType }))
    return spawnSync(program, [...flags, '-r', file])
      .stdout.toString()
      .split('\n')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** "src:port > dst" of the innermost header; the last occurrence of each field. */
function tsharkFlows(samples: Sample[], linkType: number): string[] {
  const columns = FIELDS.flatMap((field) => ['-e', field])
  const flags = ['-n', '-T', 'fields', '-E', 'occurrence=l', ...columns]
  return linesOf(samples, linkType, 'tshark', flags)
    .slice(0, samples.length)
    .map((line) => {
      const [ip, ipv6, udpSrc, udpDst, tcpSrc, tcpDst] = line.split('\t')
      return `${udpSrc || tcpSrc} > ${udpDst || tcpDst} from ${ip} ${ipv6}`
    })
}

function isMissing(program: string): boolean {
  const missing = spawnSync(program, ['--version']).error !== undefined
  assert.not(missing && process.env.CI !== undefined, `${program} is not installed`)
  return missing
}

function isForTcpdump({ name, linkType }: Sample): boolean {
  return LINKS_OF_TCPDUMP.has(linkType) || ONLY_IN_TCPDUMP.has(name)
}

/** Samples with ports, by link type. */
function byLinkType(fits: (sample: Sample) => boolean): Map<number, Sample[]> {
  const groups = new Map<number, Sample[]>()
  for (const sample of SAMPLES) {
    if (!/ (6|17)$/.test(sample.flow) || !fits(sample)) continue
    groups.set(sample.linkType, [...(groups.get(sample.linkType) ?? []), sample])
  }
  return groups
}

test('tshark finds the same innermost flow', () => {
  if (isMissing('tshark')) return
  const groups = byLinkType(
    (sample) =>
      !NOT_IN_TSHARK.has(sample.name) && !LINKS_OF_NEITHER.has(sample.linkType) && !isForTcpdump(sample),
  )
  for (const [linkType, samples] of groups) {
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

test('tcpdump finds the same flow where tshark does not', () => {
  if (isMissing('tcpdump')) return
  for (const [linkType, samples] of byLinkType(isForTcpdump)) {
    // A packet begins with its time; what is not understood follows as lines that begin with a tab.
    const lines = linesOf(samples, linkType, 'tcpdump', ['-nn']).filter((line) => /^\d/.test(line))
    assert.is(lines.length, samples.length, `link type ${linkType}`)
    samples.forEach((sample, i) => {
      const [src, , dst] = sample.flow.split(' ').map((end) => end.replace(/:(\d+)$/, '.$1'))
      assert.ok(lines[i].includes(`${src} > ${dst}: UDP`), `${sample.name}: ${lines[i]}`)
    })
  }
})

test.run()
