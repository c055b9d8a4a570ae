/** Independent readers of the same bytes: pcap-parser always, capinfos and tshark where they are installed. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { Readable } from 'node:stream'
import { type ParsedPacket, parse } from 'pcap-parser'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  enhanced,
  hex,
  interfaceBlock,
  join,
  NANOSECONDS,
  option,
  type PcapForm,
  pcap,
  readBytes,
  section,
} from './build.ts'

const test = suite('capture oracles')

let folder = ''
test.before(() => {
  folder = mkdtempSync(joinPath(tmpdir(), 'flowhawk-oracle-'))
})
test.after(() => {
  rmSync(folder, { recursive: true })
})

const RECORDS = Array.from({ length: 700 }, (_, i) => ({
  sec: 1_700_000_000 + i,
  fraction: (i * 7919) % 1_000_000,
  data: new Uint8Array(14 + ((i * 31) % 400)).fill(i),
  original: i % 3 === 0 ? 1500 : undefined,
}))

/** "sec.nsec captured original" of every packet. */
async function ours(bytes: Uint8Array): Promise<string[]> {
  const { packets } = await readBytes(bytes)
  return packets.map((packet) => {
    const [, time, lengths] = packet.split(' ')
    return `${time} ${lengths.replace('/', ' ')}`
  })
}

test('pcap-parser reads the same packets, bytes included', async () => {
  for (const little of [true, false]) {
    const bytes = pcap({ little }, RECORDS)
    const theirs: string[] = []
    await new Promise((resolve, reject) => {
      parse(Readable.from([Buffer.from(bytes)]))
        .on('packet', ({ header, data }: ParsedPacket) => {
          const { timestampSeconds, timestampMicroseconds, capturedLength, originalLength } = header
          const time = `${timestampSeconds}.${String(timestampMicroseconds).padStart(6, '0')}000`
          const frame = theirs.length + 1
          theirs.push(`${frame} ${time} ${capturedLength}/${originalLength} 1 0 ${data.toString('hex')}`)
        })
        .on('end', resolve)
        .on('error', reject)
    })
    assert.is(theirs.length, RECORDS.length)
    assert.equal((await readBytes(bytes)).packets, theirs)
  }
})

const FILES: Record<string, Uint8Array> = {
  micro: pcap({}, RECORDS),
  nano: pcap({ magic: NANOSECONDS, little: false } satisfies PcapForm, RECORDS),
  // Version 2.2 has the two lengths the other way round.
  swapped: pcap({ version: [2, 2] }, [
    { sec: 1, fraction: 2, data: new Uint8Array(60), captured: 90, original: 60 },
  ]),
  fcs: pcap({ linkType: 0x54000001 }, RECORDS),
  cut: pcap({}, RECORDS).subarray(0, -3),
  sections: join(
    section(),
    interfaceBlock({ options: option(true, 9, hex('09')) }),
    enhanced({ ticks: 1_700_000_000_123_456_789n, data: new Uint8Array(60) }),
    enhanced({ ticks: 1_700_000_000_123_456_790n, data: new Uint8Array(61), original: 1500 }),
    section(false),
    interfaceBlock({ little: false, options: option(false, 9, hex('94')) }),
    enhanced({ little: false, ticks: (1_700_000_001n << 20n) + 12_345n, data: new Uint8Array(60) }),
    interfaceBlock({ little: false, options: option(false, 14, hex('0000000000000064')) }),
    enhanced({ little: false, from: 1, ticks: 1_699_999_000_000_007n, data: new Uint8Array(60) }),
  ),
}
function present(program: string): boolean {
  return spawnSync(program, ['--version']).error === undefined
}

const capinfos = present('capinfos') || process.env.CI ? test : test.skip
capinfos('capinfos counts as many packets', async () => {
  for (const [name, bytes] of Object.entries(FILES)) {
    const path = joinPath(folder, name)
    writeFileSync(path, bytes)
    const { stdout } = spawnSync('capinfos', ['-c', '-M', '-T', '-r', path], { encoding: 'utf8' })
    assert.is(`${(await ours(bytes)).length}`, stdout.trim().split('\t')[1], name)
  }
})

const tshark = present('tshark') || process.env.CI ? test : test.skip
tshark('tshark reads the same times and lengths', async () => {
  for (const [name, bytes] of Object.entries(FILES)) {
    const path = joinPath(folder, name)
    writeFileSync(path, bytes)
    const fields = ['frame.time_epoch', 'frame.cap_len', 'frame.len'].flatMap((field) => ['-e', field])
    const { stdout } = spawnSync('tshark', ['-n', '-r', path, '-T', 'fields', ...fields], {
      encoding: 'utf8',
    })
    const theirs = stdout.trim().split('\n')
    assert.equal(
      await ours(bytes),
      theirs.map((line) => line.replaceAll('\t', ' ')),
      name,
    )
  }
})

test.run()
