/** Hospitals: pictures by DICOM, messages of HL7 in MLLP. */
import { readU16, readU32, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { bitsOfWords, wordOf } from '../common/beginnings.ts'
import { setExtraText } from '../common/extras.ts'
import { fills } from '../common/length.ts'
import { TCP } from '../common/ports.ts'
import { findText } from '../common/text-scan.ts'

const SPACE = 0x20

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
  setExtraText(payload, 'dicom', field, [at, stop])
}

/** HL7 in MLLP: 0b, "MSH" and its delimiters; what acknowledges has a segment MSA. */
function hl7({ bytes, start, end }: Payload): number {
  if (!startsWith(bytes, start, end, '\x0bMSH|')) return NO_MATCH
  const stop = Math.min(end, start + 400)
  return STRONG | (findText(bytes, start, stop, '\rMSA|') > 0 ? FROM_SERVER : FROM_CLIENT)
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
]
