/** DNS messages that another implementation wrote: what is told of them is what it reads back. */
import { type Answer, decode, encode, type Message } from 'dns-packet'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { random } from '../../../../scripts/fixtures/trace.ts'
import { addressText, parseAddress } from '../../../../src/address.ts'
import { signatures } from '../../../../src/label/signatures/name-service/dns.ts'
import { client, converse, type Setting, server } from '../conversation.ts'

const test = suite('label/signatures/name-service/dns-oracle')

const overUdp: Setting = { signatures, protocol: 17, serverPort: 53 }
const MESSAGES = 2000
const HEADER = 12
/** To the first question. */
const POINTER = Buffer.of(0xc0, HEADER)

/** Random messages of the types whose data flowhawk tells, and of some others. */
function createMessages(seed: number): () => Message {
  const next = random(seed)
  const pick = (below: number) => Math.floor(next() * below)
  const label = () => Array.from({ length: 1 + pick(20) }, () => String.fromCharCode(97 + pick(26))).join('')
  const name = () => Array.from({ length: 1 + pick(5) }, label).join('.')
  const data: Record<string, () => unknown> = {
    A: () => Array.from({ length: 4 }, () => pick(256)).join('.'),
    AAAA: () => Array.from({ length: 8 }, () => pick(0x10000).toString(16)).join(':'),
    CNAME: name,
    PTR: name,
    NS: name,
    TXT: () => [label()],
    MX: () => ({ preference: pick(100), exchange: name() }),
    SRV: () => ({ priority: pick(9), weight: pick(9), port: pick(65_536), target: name() }),
  }
  const types = Object.keys(data)
  const record = (): Answer => {
    const type = types[pick(types.length)]
    return { name: name(), type, ttl: pick(100_000), data: data[type]() }
  }
  return () => ({
    type: 'response',
    id: pick(65_536),
    flags: 0x0180 | pick(6),
    questions: [{ name: name(), type: types[pick(types.length)] }],
    answers: Array.from({ length: pick(6) }, record),
    additionals: Array.from({ length: pick(3) }, record),
  })
}

function told({ type, data }: Answer): string[] {
  if (type === 'CNAME' || type === 'PTR') return [String(data)]
  if (type !== 'A' && type !== 'AAAA') return []
  const { version, words } = parseAddress(String(data))!
  return [addressText(version, ...words)]
}

/** What flowhawk should tell of the message, as dns-packet reads it. */
function expected(bytes: Uint8Array): object {
  const { questions, answers, rcode } = decode(bytes)
  const list = answers.flatMap(told)
  return {
    query: questions[0].name,
    qtype: questions[0].type,
    rcode,
    ...(list.length > 0 && { answers: list }),
    ...(list.length > 0 && answers.length > list.length && { answers_total: answers.length }),
  }
}

function heard(response: Uint8Array): object | undefined {
  const question = encode({ ...decode(response), type: 'query', flags: 0x0100, answers: [], additionals: [] })
  const { label, strength, extras } = converse(overUdp, [client(question), server(response)])
  assert.equal([label, strength], ['dns', 'strong'])
  return extras.dns
}

test('names, types, codes and addresses are those that dns-packet reads', () => {
  const message = createMessages(1)
  for (let i = 0; i < MESSAGES; i++) {
    const bytes = encode(message())
    assert.equal(heard(bytes), expected(bytes))
  }
})

/** The message with the name of each answer that is the question's as a pointer to it (RFC 1035 section 4.1.4). */
function compressed(message: Message): Buffer {
  const [{ name }] = message.questions
  const whole = encode({ ...message, answers: message.answers.map((answer) => ({ ...answer, name })) })
  const spelt = whole.subarray(HEADER, HEADER + name.length + 2)
  const parts: Uint8Array[] = []
  let at = HEADER + spelt.length
  parts.push(whole.subarray(0, at))
  for (let found = whole.indexOf(spelt, at); found >= 0; found = whole.indexOf(spelt, at)) {
    parts.push(whole.subarray(at, found), POINTER)
    at = found + spelt.length
  }
  return Buffer.concat([...parts, whole.subarray(at)])
}

test('compressed names are followed as dns-packet follows them', () => {
  const next = createMessages(2)
  for (let i = 0; i < MESSAGES; i++) {
    const message = { ...next(), additionals: [] }
    const bytes = compressed(message)
    assert.is(bytes.includes(POINTER, HEADER), message.answers.length > 0)
    assert.equal(heard(bytes), expected(bytes))
  }
})

test.run()
