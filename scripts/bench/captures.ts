/**
 * Writes the benchmark's captures: classic pcap, Ethernet, IPv4, microseconds, straight into a large buffer. The
 * same options give the same bytes. IPv4 checksums are right; UDP's are absent and TCP's are zero, as with
 * checksum offloading.
 */
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import {
  createFlows,
  DNS_ANSWER,
  DNS_QUESTION,
  type Flows,
  isTcp,
  KIND_DNS,
  KIND_FRAMEHAWK,
  KIND_ICA,
  KIND_NTP,
  KIND_RTP,
  KIND_UDP,
  NOISE,
  NTP_ANSWER,
  NTP_QUESTION,
  SEED,
  STREAMS,
} from './traffic.ts'

export interface CaptureOptions {
  path: string
  packets: number
  /** At most. */
  flows: number
  /** small: frames of 60 to 100 bytes; mixed: about 750 bytes on average, a third of them full. */
  sizes: 'small' | 'mixed'
  /** rounds: every flow in turn, again and again; window: 4,096 flows at a time, most short, some long. */
  order: 'rounds' | 'window'
  /** Time between two packets. */
  intervalUs: number
  framehawk: boolean
  /** One packet a flow, UDP only. */
  single?: boolean
}

const BUFFER_BYTES = 8 << 20
const ROOM = 2048
const FIRST_SECOND = 1_700_000_000
const WINDOW = 4096
const LAST_VISIT = 0xffff

const FIN_ACK = 0x11
const SYN = 0x02
const SYN_ACK = 0x12
const PSH_ACK = 0x18

interface Output {
  file: number
  buffer: Buffer
  at: number
  packets: number
  intervalUs: number
  /** State of a small generator for sizes and noise. */
  state: number
}

export interface Made {
  bytes: number
  /** Flows that have packets. */
  flows: number
}

/** Makes the capture unless a complete one with the same options is there (a note beside it says so). */
export function ensureCapture(options: CaptureOptions): Made {
  const note = `${options.path}.json`
  const asked = JSON.stringify(options)
  if (existsSync(options.path) && existsSync(note)) {
    const kept = JSON.parse(readFileSync(note, 'utf8'))
    if (JSON.stringify(kept.options) === asked) return kept.made
  }
  rmSync(note, { force: true })
  const flows = writeCapture(options)
  const made = { bytes: statSync(options.path).size, flows }
  writeFileSync(note, JSON.stringify({ options, made }))
  return made
}

/** Returns the number of flows that were opened. */
function writeCapture(options: CaptureOptions): number {
  const flows = createFlows({
    count: options.flows,
    framehawk: options.framehawk,
    only: options.single ? KIND_UDP : undefined,
  })
  const output: Output = {
    file: openSync(options.path, 'w'),
    buffer: Buffer.alloc(BUFFER_BYTES),
    at: 24,
    packets: 0,
    intervalUs: options.intervalUs,
    state: SEED,
  }
  output.buffer.writeUInt32LE(0xa1b2c3d4, 0)
  output.buffer.writeUInt16LE(2, 4)
  output.buffer.writeUInt16LE(4, 6)
  output.buffer.writeUInt32LE(262_144, 16)
  output.buffer.writeUInt32LE(1, 20)
  const opened =
    options.order === 'rounds' ? writeRounds(output, flows, options) : writeWindow(output, flows, options)
  writeSync(output.file, output.buffer, 0, output.at)
  closeSync(output.file)
  return opened
}

/** A stride without a common divisor with the number of flows: neighbours in time are no neighbours in number. */
function strideOf(count: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))
  let stride = Math.floor(count * 0.618) | 1
  while (divisor(count, stride) !== 1) stride += 2
  return stride
}

function writeRounds(output: Output, flows: Flows, options: CaptureOptions): number {
  const stride = strideOf(flows.count)
  const visits = sessionVisits(flows, options)
  for (let flow = 0; output.packets < options.packets; flow = (flow + stride) % flows.count) {
    const visit = flows.visits[flow]
    // Nobody asks the same question ten times: lookups are over after one or two answers.
    if (visit >= 2 && isLookup(flows.kind[flow])) continue
    if (options.single)
      writePacket(output, flows, { flow, sender: 0, tcpFlags: 0, payload: sizeOf(output, options, 0) })
    else
      writeVisit(output, flows, options, {
        flow,
        visit: visits > 2 && visit === visits - 1 ? LAST_VISIT : visit,
      })
    flows.visits[flow]++
  }
  return Math.min(flows.count, options.packets)
}

/** A window of active flows; who comes next is left to chance. */
function writeWindow(output: Output, flows: Flows, options: CaptureOptions): number {
  const active = new Uint32Array(Math.min(WINDOW, flows.count))
  const left = new Uint16Array(active.length)
  let opened = 0
  const open = (place: number) => {
    const flow = opened++ % flows.count
    active[place] = flow
    flows.visits[flow] = 0
    flows.sent.fill(0, 2 * flow, 2 * flow + 2)
    left[place] = lifeOf(output, flows.kind[flow])
  }
  for (let place = 0; place < active.length; place++) open(place)
  while (output.packets < options.packets) {
    const place = next(output) % active.length
    const flow = active[place]
    const visit = left[place] === 1 ? LAST_VISIT : flows.visits[flow]
    writeVisit(output, flows, options, { flow, visit })
    flows.visits[flow]++
    if (--left[place] === 0) open(place)
  }
  return Math.min(opened, flows.count)
}

/** Visits of a flow that is no lookup, so that all together have as many packets as asked for. */
function sessionVisits(flows: Flows, options: CaptureOptions): number {
  let lookups = 0
  for (const kind of flows.kind) if (isLookup(kind)) lookups++
  return Math.ceil((options.packets / 2 - 2 * lookups) / (flows.count - lookups))
}

function isLookup(kind: number): boolean {
  return kind === KIND_DNS || kind === KIND_NTP
}

/** Visits of a flow: questions one or two, sessions many; else four in five 2 to 10, the fifth 50 to 200. */
function lifeOf(output: Output, kind: number): number {
  if (isLookup(kind)) return 1 + (next(output) & 1)
  if (kind === KIND_FRAMEHAWK || kind === KIND_ICA) return 200
  return next(output) % 5 > 0 ? 2 + (next(output) % 9) : 50 + (next(output) % 151)
}

/** A packet in each direction: for TCP first the handshake, in the end both FINs. */
function writeVisit(
  output: Output,
  flows: Flows,
  options: CaptureOptions,
  { flow, visit }: { flow: number; visit: number },
): void {
  const kind = flows.kind[flow]
  const tcp = isTcp(kind)
  // ICA's server speaks first.
  const first = kind === KIND_ICA && visit === 1 ? 1 : 0
  for (let turn = 0; turn < 2; turn++) {
    const sender = turn ^ first
    let tcpFlags = 0
    let payload = sizeOf(output, options, sender)
    if (tcp) {
      const control = visit === 0 || visit === LAST_VISIT
      tcpFlags = visit === 0 ? (sender === 0 ? SYN : SYN_ACK) : visit === LAST_VISIT ? FIN_ACK : PSH_ACK
      if (control) payload = 0
      else if (options.sizes === 'small') payload -= 12
    }
    writePacket(output, flows, { flow, sender, tcpFlags, payload })
  }
}

/** Payload bytes over UDP; TCP's header takes 12 more. */
function sizeOf(output: Output, options: CaptureOptions, sender: number): number {
  const dice = next(output)
  if (options.sizes === 'small') return 18 + (dice % 41)
  if (sender === 0) return 40 + (dice % 256)
  return dice % 6 > 0 ? 1460 : 60 + ((dice >>> 4) % 1400)
}

function next(output: Output): number {
  output.state = (Math.imul(output.state, 1_664_525) + 1_013_904_223) | 0
  return (output.state >>> 8) & 0xffffff
}

interface PacketSpec {
  flow: number
  sender: number
  tcpFlags: number
  payload: number
}

function writePacket(output: Output, flows: Flows, spec: PacketSpec): void {
  if (output.at + ROOM > BUFFER_BYTES) {
    writeSync(output.file, output.buffer, 0, output.at)
    output.at = 0
  }
  const { buffer } = output
  const { flow, sender } = spec
  const kind = flows.kind[flow]
  const tcp = isTcp(kind)
  const header = output.at
  const ip = header + 16 + 14
  const payloadAt = ip + 20 + (tcp ? 20 : 8)
  const payload = writePayload(output, flows, spec, payloadAt)
  const total = payloadAt - ip + payload
  // An Ethernet frame has at least 60 bytes without its checksum.
  const frame = Math.max(60, total + 14)
  buffer.fill(0, payloadAt + payload, header + 16 + frame)

  const us = output.packets++ * output.intervalUs
  const sec = Math.floor(us / 1e6)
  little32(buffer, header, FIRST_SECOND + sec)
  little32(buffer, header + 4, us - sec * 1e6)
  little32(buffer, header + 8, frame)
  little32(buffer, header + 12, frame)
  big32(buffer, header + 16, 0x02000000)
  big32(buffer, header + 20, sender === 0 ? 0x000b0200 : 0x000a0200)
  big32(buffer, header + 24, sender === 0 ? 0x0000000a : 0x0000000b)
  buffer[header + 28] = 8
  buffer[header + 29] = 0
  writeIpv4(buffer, ip, { flows, flow, sender, total, tcp, identification: output.packets })
  const [src, dst] =
    sender === 0
      ? [flows.clientPort[flow], flows.serverPort[flow]]
      : [flows.serverPort[flow], flows.clientPort[flow]]
  big32(buffer, ip + 20, (src << 16) | dst)
  if (tcp) writeTcp(buffer, ip + 24, { flows, flow, sender, tcpFlags: spec.tcpFlags })
  else big32(buffer, ip + 24, (payload + 8) << 16)
  flows.sent[2 * flow + sender] += payload
  output.at = header + 16 + frame
}

interface Ipv4Spec {
  flows: Flows
  flow: number
  sender: number
  total: number
  tcp: boolean
  identification: number
}

function writeIpv4(buffer: Buffer, ip: number, spec: Ipv4Spec): void {
  const { flows, flow } = spec
  const [src, dst] =
    spec.sender === 0
      ? [flows.clientIp[flow], flows.serverIp[flow]]
      : [flows.serverIp[flow], flows.clientIp[flow]]
  big32(buffer, ip, 0x45000000 | spec.total)
  big32(buffer, ip + 4, ((spec.identification & 0xffff) << 16) | 0x4000)
  big32(buffer, ip + 8, 0x40000000 | ((spec.tcp ? 6 : 17) << 16))
  big32(buffer, ip + 12, src)
  big32(buffer, ip + 16, dst)
  let sum = 0
  for (let i = ip; i < ip + 20; i += 2) sum += (buffer[i] << 8) | buffer[i + 1]
  sum = (sum & 0xffff) + (sum >>> 16)
  sum = ~((sum & 0xffff) + (sum >>> 16)) & 0xffff
  buffer[ip + 10] = sum >>> 8
  buffer[ip + 11] = sum & 255
}

/** From the sequence number on; a SYN counts as one byte, and every packet acknowledges all that came before. */
function writeTcp(
  buffer: Buffer,
  at: number,
  spec: { flows: Flows; flow: number; sender: number; tcpFlags: number },
): void {
  const { flows, flow, sender, tcpFlags } = spec
  const initial = (side: number) => (Math.imul(flow + 1, 2_654_435_761) + side * 77_777) | 0
  const opened = tcpFlags & SYN ? 0 : 1
  big32(buffer, at, initial(sender) + opened + flows.sent[2 * flow + sender])
  const acknowledged = initial(1 - sender) + 1 + flows.sent[2 * flow + 1 - sender]
  // The answer to a FIN acknowledges it.
  big32(buffer, at + 4, tcpFlags === SYN ? 0 : acknowledged + (tcpFlags === FIN_ACK ? sender : 0))
  big32(buffer, at + 8, 0x50000000 | (tcpFlags << 16) | 0xfaf0)
  big32(buffer, at + 12, 0)
}

/** Returns the number of payload bytes written: DNS and NTP choose their own. */
function writePayload(output: Output, flows: Flows, spec: PacketSpec, at: number): number {
  const { buffer } = output
  const { flow, sender } = spec
  const kind = flows.kind[flow]
  if (kind === KIND_DNS || kind === KIND_NTP) {
    const question = kind === KIND_DNS ? DNS_QUESTION : NTP_QUESTION
    const message = sender === 0 ? question : kind === KIND_DNS ? DNS_ANSWER : NTP_ANSWER
    buffer.set(message, at)
    if (kind === KIND_DNS) {
      const id = (flow * 31 + flows.visits[flow]) & 0xffff
      buffer[at] = id >>> 8
      buffer[at + 1] = id & 255
    }
    return message.length
  }
  const length = spec.payload
  const from = next(output) & 0xffff
  for (let i = 0; i < length; i++) buffer[at + i] = NOISE[from + i]
  if (isTcp(kind)) {
    const stream = STREAMS[kind][sender]
    const sent = flows.sent[2 * flow + sender]
    for (let i = 0; i < length && sent + i < stream.length; i++) buffer[at + i] = stream[sent + i]
  } else if (kind === KIND_RTP) {
    big32(buffer, at, 0x80000000 | flows.visits[flow])
    big32(buffer, at + 4, 160 * flows.visits[flow])
    big32(buffer, at + 8, Math.imul(flow + 1, 0x85ebca6b) + sender)
  } else if (kind === KIND_FRAMEHAWK) {
    big32(buffer, at, 0x5a020000 | flows.visits[flow])
    big32(buffer, at + 4, flow)
  }
  return length
}

function little32(buffer: Buffer, at: number, value: number): void {
  buffer[at] = value & 255
  buffer[at + 1] = (value >>> 8) & 255
  buffer[at + 2] = (value >>> 16) & 255
  buffer[at + 3] = (value >>> 24) & 255
}

function big32(buffer: Buffer, at: number, value: number): void {
  buffer[at] = (value >>> 24) & 255
  buffer[at + 1] = (value >>> 16) & 255
  buffer[at + 2] = (value >>> 8) & 255
  buffer[at + 3] = value & 255
}
