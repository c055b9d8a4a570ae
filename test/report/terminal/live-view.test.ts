/** The live view as lines: what it shows, that it fits, and that nothing in it can reach the terminal. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createClosedFlow } from '../../../src/flow/view.ts'
import { displayWidth } from '../../../src/report/terminal/layout.ts'
import {
  type LiveFlow,
  type LivePool,
  type LiveViewData,
  liveView,
} from '../../../src/report/terminal/live-view.ts'

const test = suite('report/live-view')

function flow(number: number, fields: Partial<LiveFlow['flow']> = {}): LiveFlow {
  const made = createClosedFlow()
  Object.assign(made, {
    protocol: 17,
    src3: 0x0a000000 + number,
    dst3: 0x0a010004,
    srcPort: 50_000 + number,
    dstPort: 3224 + number,
    verdict: { label: 'framehawk', certainty: 'likely', evidence: [] },
    ...fields,
  })
  return { flow: made, bytesPerSec: 1500 * number, packetsPerSec: number }
}

const POOL: LivePool = {
  pool: 'framehawk',
  serverIp: '10.1.0.4',
  slots: 101,
  sessions: 9,
  unlimited: false,
  peak: 12,
}

function dataOf(fields: Partial<LiveViewData> = {}): LiveViewData {
  return {
    interface: 'eth0',
    seconds: 3725,
    packetsPerSec: 1234.5,
    bytesPerSec: 9_400_000,
    dropped: 0,
    droppedPerSec: 0,
    packets: 1_234_567,
    flows: 200,
    liveFlows: 30,
    sessions: 4,
    liveSessions: 9,
    evictedFlows: 0,
    recordsLost: 0,
    pools: [POOL],
    flowsShown: [flow(3), flow(2), flow(0)],
    order: 'bytes',
    paused: false,
    keys: true,
    message: '',
    ...fields,
  }
}

const SIZE = { columns: 110, rows: 24, color: false }
const shown = (fields: Partial<LiveViewData> = {}, size: Partial<typeof SIZE> = {}) =>
  liveView(dataOf(fields), { ...SIZE, ...size })
const text = (fields: Partial<LiveViewData> = {}) => shown(fields).join('\n')

test('shows counts, rates, pools with peaks and flows with labels', () => {
  assert.equal(
    shown().map((line) => line.trimEnd()),
    [
      'eth0  1 h 2 min 5 s   1,235 packets/s   9.40 MB/s   dropped 0',
      '1,234,567 packets   flows 30 alive, 200 ended   sessions 9 alive, 4 ended',
      '',
      'POOL             SERVER                  IN USE      OF    PEAK',
      'framehawk        10.1.0.4                     9     101      12 ▉',
      '',
      '    BYTES/S   PACKETS/S  LABEL            CERTAINTY  FLOW',
      '    4.50 kB         3.0  framehawk        likely     udp 10.0.0.3:50003 > 10.1.0.4:3227',
      '    3.00 kB         2.0  framehawk        likely     udp 10.0.0.2:50002 > 10.1.0.4:3226',
      '        0 B           0  framehawk        likely     udp 10.0.0.0:50000 > 10.1.0.4:3224',
      ...new Array(13).fill(''),
      'b bytes  k packets  s sessions  p pause  q quit   sorted by bytes',
    ],
  )
})

test('names host and program, IPv6 ends, and protocols without ports', () => {
  const named = flow(1, { hostname: 'vda7.corp.example', process: { pid: 7, name: 'mosh-server' } })
  const six = flow(1, { ipVersion: 6, src0: 0x20010db8, dst0: 0x20010db8, src3: 1, dst3: 2 })
  const ping = flow(1, { protocol: 1, srcPort: -1, dstPort: -1 })
  const all = shown({ flowsShown: [named, six, ping] }, { columns: 140 }).join('\n')
  assert.match(all, /udp 10\.0\.0\.1:50001 > 10\.1\.0\.4:3225 {2}vda7\.corp\.example mosh-server/)
  assert.match(all, 'udp [2001:db8::1]:50001 > [2001:db8::2]:3225')
  assert.match(all, /icmp 10\.0\.0\.1 > 10\.1\.0\.4 *\n/)
})

test('says what is lost, what is evicted, and that it is paused', () => {
  const all = text({ dropped: 1234, droppedPerSec: 56, evictedFlows: 7, recordsLost: 8, paused: true })
  assert.match(all, /dropped 1,234 \(56\/s\) {3}PAUSED\n/)
  assert.match(all, '7 evicted   8 records lost')
  assert.match(text({ dropped: undefined }), 'drops unknown')
})

test('without a keyboard there are no keys', () => {
  assert.is(shown({ keys: false }).at(-1), 'Ctrl-C ends')
})

test('shows the busiest servers, and how many there are besides', () => {
  const pools = Array.from({ length: 40 }, (_, i) => ({ ...POOL, serverIp: `10.1.0.${i}`, sessions: i }))
  const lines = shown({ pools })
  assert.match(lines[4], /10\.1\.0\.39 +39/)
  assert.match(lines[5], /10\.1\.0\.38 +38/)
  assert.ok(lines.some((line) => line.startsWith('and 33 more servers')))
  assert.ok(lines.some((line) => line.includes('10.0.0.3:50003')))
  assert.match(text({ pools: [] }), 'no slot of a pool is in use')
  const unlimited = text({ pools: [{ ...POOL, unlimited: true, slots: 1 }] })
  assert.match(unlimited, /10\.1\.0\.4 +9 {9,}12 *\n/)
})

test('never has more lines or columns than the screen', () => {
  const wide = flow(1, { hostname: '会議室'.repeat(60) })
  const pools = Array.from({ length: 30 }, () => POOL)
  const flowsShown = [wide, ...Array.from({ length: 60 }, (_, i) => flow(i))]
  for (const rows of [0, 1, 2, 3, 5, 8, 9, 10, 24, 60]) {
    for (const columns of [1, 2, 10, 39, 80, 200]) {
      const lines = shown({ pools, flowsShown, message: 'm'.repeat(300) }, { rows, columns })
      assert.ok(lines.length <= rows, `${lines.length} of ${rows}`)
      for (const line of lines) assert.ok(displayWidth(line) <= columns, `${columns}: ${line}`)
    }
  }
})

test('nothing from packets, rules or names reaches the terminal', () => {
  const evil = '\u001b[2J\u0007\r\n\u202e\u009b31m'
  const bad = flow(1, {
    hostname: evil,
    process: { pid: 1, name: evil },
    verdict: { label: evil, certainty: 'possible', evidence: [] },
  })
  const fields = { interface: evil, message: evil, pools: [{ ...POOL, pool: evil }], flowsShown: [bad] }
  const unsafe = /[\u0000-\u001f\u007f-\u009f\u202e]/
  for (const line of shown(fields)) assert.not.match(line, unsafe)
  for (const line of shown(fields, { color: true }))
    assert.not.match(line.replace(/\u001b\[(?:0|1|2|7|33)m/g, ''), unsafe)
})

test.run()
