/** Services that a person or a device uses: DICOM, HL7, printing, music, dictionaries, mail filters, backups. */
import { readI32, readU16, readU32, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import {
  answerTo,
  type Beginnings,
  bitsOfBeginnings,
  bitsOfWords,
  oneOf,
  wordOf,
} from '../common/beginnings.ts'
import { threeDigits } from '../common/reader.ts'
import {
  digitRun,
  fills,
  findByte,
  findText,
  lineEnd,
  printableRun,
  TCP,
  TCP_UDP,
  tellText,
} from '../common/shape.ts'

const SPACE = 0x20
const LF = 0x0a
const CR = 0x0d

const DICOM_REQUEST = 1
const DICOM_ACCEPT = 2
const DICOM_DATA = 4
const AE_TITLE = 16
const DICOM_ITEMS = 74
const APPLICATION_CONTEXT = '1.2.840.10008.3.1.1.1'

/** DICOM part 8 section 9.3: type, length; associations have version 1, two titles and the application context. */
function dicom(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 12 || bytes[start + 1] !== 0) return NO_MATCH
  const type = bytes[start]
  const length = readU32(bytes, start + 2)
  if (type === DICOM_DATA) {
    // One value: its length, an odd context, whether it is a command and the last part.
    const fits = readU32(bytes, start + 6) + 4 === length && (bytes[start + 10] & 1) === 1
    return fits && bytes[start + 11] < 4 && fills(payload, length + 6) ? STRONG : NO_MATCH
  }
  if (readU16(bytes, start + 6) !== 1 || readU16(bytes, start + 8) !== 0) return NO_MATCH
  if (!startsWith(bytes, start + DICOM_ITEMS + 4, end, APPLICATION_CONTEXT)) return NO_MATCH
  if (type === DICOM_ACCEPT) return STRONG | FROM_SERVER
  if (type !== DICOM_REQUEST) return NO_MATCH
  tellTitle(payload, 'called_ae', start + 10)
  tellTitle(payload, 'calling_ae', start + 10 + AE_TITLE)
  return STRONG | FROM_CLIENT
}

/** An application's title, without the blanks behind it. */
function tellTitle(payload: Payload, field: 'called_ae' | 'calling_ae', at: number): void {
  let stop = at + AE_TITLE
  while (stop > at && (payload.bytes[stop - 1] === SPACE || payload.bytes[stop - 1] === 0)) stop--
  tellText(payload, 'dicom', field, [at, stop])
}

/** HL7 in MLLP: 0b, "MSH" and its delimiters; what acknowledges has a segment MSA. */
function hl7({ bytes, start, end }: Payload): number {
  if (!startsWith(bytes, start, end, '\x0bMSH|')) return NO_MATCH
  const stop = Math.min(end, start + 400)
  return STRONG | (findText(bytes, start, stop, '\rMSA|') > 0 ? FROM_SERVER : FROM_CLIENT)
}

const PJL: Beginnings = [
  ['\x1b%-12345X', STRONG | FROM_CLIENT],
  ['@PJL INFO ', STRONG | FROM_SERVER],
  ['@PJL USTATUS ', STRONG | FROM_SERVER],
  ['@PJL ECHO ', STRONG | FROM_SERVER],
]

const LPD_PORT = 515
const LPD_CONTROL = 2
const LPD_DATA = 3
const LPD_LAST = 5
const LONGEST_LINE = 512

/**
 * RFC 1179: a command of one byte, a queue, LF. Behind the command to receive a job, files: their size, a blank, and
 * "cfA" or "dfA" with the job's number.
 */
function lpd({ bytes, start, end, dstPort }: Payload): number {
  const command = bytes[start]
  const line = lineEnd(bytes, start + 1, Math.min(end, start + LONGEST_LINE))
  if (line >= end || bytes[line] !== LF || line - start < 2) return NO_MATCH
  if (printableRun(bytes, start + 1, line) !== line) return NO_MATCH
  const size = digitRun(bytes, start + 1, line, 12)
  const letter = command === LPD_CONTROL ? 'c' : 'd'
  if (
    size > 0 &&
    (command === LPD_CONTROL || command === LPD_DATA) &&
    bytes[size] === SPACE &&
    startsWith(bytes, size + 1, line, `${letter}f`)
  ) {
    const number = digitRun(bytes, size + 4, line, 3)
    return number === size + 7 ? STRONG | FROM_CLIENT : NO_MATCH
  }
  if (dstPort !== LPD_PORT || command > LPD_LAST) return NO_MATCH
  return line + 1 === end || (command === 2 && bytes[line + 1] < 4) ? WEAK | FROM_CLIENT : NO_MATCH
}

/** Servers that speak first, and what no other says. */
const GREETINGS: readonly (readonly [
  label: string,
  says: string,
  ports: readonly number[],
  texts: Beginnings,
])[] = [
  ['mpd', 'starts with the greeting of a Music Player Daemon', [6600], [['OK MPD ', STRONG | FROM_SERVER]]],
  [
    'vmware-authd',
    'starts with the greeting of the VMware authentication daemon',
    [902],
    [['220 VMware Authentication Daemon', STRONG | FROM_SERVER]],
  ],
  [
    'managesieve',
    'starts with the first capability of a ManageSieve server',
    [4190, 2000],
    [['"IMPLEMENTATION" "', STRONG | FROM_SERVER]],
  ],
  [
    'amanda',
    'starts with "Amanda", its version and the kind of packet',
    [10080],
    [
      ['Amanda 2.', STRONG],
      ['Amanda 3.', STRONG],
    ],
  ],
]

/** To who listens: an answer with headers; to who sends a stream: the first of them, and the one of its own that comes first. */
const ICY: Beginnings = [
  ['ICY 404 Resource Not Found', STRONG | FROM_SERVER],
  ['OK2\r\nicy-caps:', STRONG | FROM_SERVER],
  ['icy-name:', STRONG | FROM_CLIENT],
]
const ICY_ANSWER = 'ICY 200 OK\r\n'
/** The request before it is HTTP's. */
const ICY_WEIGHT = 90
/** More than the weight of FTP, which its greeting may look like. */
const AMANDA_INDEX_WEIGHT = 90

/** "ICY 200 OK" and headers: alone it may as well be an NTRIP caster's. */
function icy(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!startsWith(bytes, start, end, ICY_ANSWER)) return answerTo(payload, ICY)
  const headers = start + ICY_ANSWER.length
  if (headers === end || bytes[headers] === CR || startsWith(bytes, headers, end, 'Server: NTRIP'))
    return NO_MATCH
  return STRONG | FROM_SERVER
}

/** RFC 2229 section 3.1: 220, text, capabilities and a message id, both in angle brackets. */
function dict({ bytes, start, end, ordinal }: Payload): number {
  const line = lineEnd(bytes, start, Math.min(end, start + LONGEST_LINE))
  if (
    ordinal > 0 ||
    threeDigits(bytes, start, end) !== 220 ||
    line >= end ||
    line - start < 12 ||
    bytes[line - 1] !== 0x3e
  )
    return NO_MATCH
  const between = findText(bytes, start + 4, line, '> <')
  if (between < 0 || findByte(bytes, between + 3, line, 0x40) < 0) return NO_MATCH
  return findByte(bytes, start + 4, between, 0x3c) > 0 ? STRONG | FROM_SERVER : NO_MATCH
}

const BACULA: readonly (readonly [text: string, answer: number])[] = [
  ['Hello ', STRONG | FROM_CLIENT],
  ['auth cram-md5', STRONG | FROM_SERVER],
  ['1000 OK', STRONG],
  ['2000 OK Hello', STRONG | FROM_SERVER],
  ['3000 OK Hello', STRONG | FROM_SERVER],
]

/** Bacula and Bareos: length of the text, then it; a caller says hello and is challenged. */
function bacula({ bytes, start, end, length }: Payload): number {
  if (end - start < 10) return NO_MATCH
  const size = readI32(bytes, start)
  if (size < 6 || size + 4 > length) return NO_MATCH
  // Another message follows, no longer than 64 KiB.
  const next = start + 4 + size
  if (size + 4 < length && (next + 2 > end || readU16(bytes, next) !== 0)) return NO_MATCH
  for (let i = 0; i < BACULA.length; i++)
    if (startsWith(bytes, start + 4, end, BACULA[i][0]))
      return i > 0 || findText(bytes, start + 9, Math.min(end, start + 4 + size), ' calling') > 0
        ? BACULA[i][1]
        : NO_MATCH
  return NO_MATCH
}

/** The index server greets like FTP's, and names itself behind its host. */
function amandaIndex({ bytes, start, end }: Payload): number {
  const line = lineEnd(bytes, start, Math.min(end, start + LONGEST_LINE))
  return startsWith(bytes, start, end, '220 ') &&
    findText(bytes, start + 4, line, ' AMANDA index server (') > 0
    ? STRONG | FROM_SERVER
    : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'dicom',
    says: 'asks for or accepts a DICOM association with its application context, or is data in one',
    protocols: TCP,
    ports: [104, 11112],
    bits: [DICOM_REQUEST, DICOM_ACCEPT, DICOM_DATA].map((type) => ({
      offset: 0,
      mask: 0xffff0000 | 0,
      value: type << 24,
    })),
    match: dicom,
  },
  {
    label: 'hl7',
    says: 'starts with 0b, "MSH" and a delimiter: HL7 in MLLP',
    protocols: TCP,
    ports: [2575],
    bits: bitsOfWords([wordOf('\x0bMSH')]),
    match: hl7,
  },
  {
    label: 'pdl-datastream',
    says: 'starts with the escape sequence of PJL, or is what a printer answers to PJL',
    protocols: TCP,
    ports: [9100],
    ...oneOf(PJL),
  },
  {
    label: 'lpd',
    says: 'is a command of the line printer daemon, strong where it announces a file of a job',
    protocols: TCP,
    ports: [LPD_PORT],
    firstBytes: [1, 2, 3, 4, LPD_LAST],
    match: lpd,
  },
  ...GREETINGS.map(([label, says, ports, texts]) => ({
    label,
    says,
    protocols: TCP_UDP,
    ports,
    ...oneOf(texts),
  })),
  {
    label: 'amanda',
    says: 'is the greeting of an index server of Amanda',
    protocols: TCP,
    ports: [10082],
    bits: bitsOfWords([wordOf('220 ')]),
    weight: AMANDA_INDEX_WEIGHT,
    match: amandaIndex,
  },
  {
    label: 'icy',
    says: 'starts with "ICY 200" and headers, or what else a SHOUTcast server and a sender to it say first',
    protocols: TCP,
    ports: [8000, 8001],
    bits: [...bitsOfBeginnings(ICY), ...bitsOfWords([wordOf(ICY_ANSWER)])],
    weight: ICY_WEIGHT,
    match: icy,
  },
  {
    label: 'dict',
    says: 'is the greeting of a DICT server: 220, capabilities and an id in angle brackets',
    protocols: TCP,
    ports: [2628],
    bits: bitsOfWords([wordOf('220 ')]),
    match: dict,
  },
  {
    label: 'bacula',
    says: 'holds a length and what a daemon of Bacula says first',
    protocols: TCP,
    ports: [9101, 9102, 9103],
    bits: ['Hello ', 'auth c', '1000 OK', '2000 OK', '3000 OK'].map((text) => ({
      offset: 4,
      mask: -1,
      value: wordOf(text),
    })),
    firstBytes: [0],
    match: bacula,
  },
]
