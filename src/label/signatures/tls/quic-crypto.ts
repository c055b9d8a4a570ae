/**
 * Opens the Initial packets of QUIC (RFC 9001 section 5, RFC 9369 section 3.3, the drafts and Google's versions
 * before them): their keys follow from the client's first connection id, so anyone on the path may read them.
 * In: a packet and its place; out: the frames as new bytes, or undefined when the packet does not authenticate.
 */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto'

/** How one version derives its keys. */
interface KeySchedule {
  salt: Uint8Array
  keyLabel: string
  ivLabel: string
  headerLabel: string
}

export interface InitialKeys {
  key: Uint8Array
  iv: Uint8Array
  header: Uint8Array
}

const KEY_LENGTH = 16
const IV_LENGTH = 12
const SECRET_LENGTH = 32
const TAG_LENGTH = 16
const SAMPLE_LENGTH = 16

function schedule(saltHex: string, prefix = 'quic'): KeySchedule {
  return {
    salt: Uint8Array.from(Buffer.from(saltHex, 'hex')),
    keyLabel: `${prefix} key`,
    ivLabel: `${prefix} iv`,
    headerLabel: `${prefix} hp`,
  }
}

const VERSION_1 = schedule('38762cf7f55934b34d179ae6a4c80cadccbb7f0a')
const VERSION_2 = schedule('0dede3def700a6db819381be6e269dcbf9bd2ed9', 'quicv2')
const VERSION_2_DRAFT = schedule('a707c203a59b47184a1d62ca570406ea7ae3e5d3', 'quicv2')
const DRAFT_29 = schedule('afbfec289993d24c9e9786f19c6111e04390a899')
const DRAFT_23 = schedule('c3eef712c72ebb5a11a7d2432bb46365bef9f502')
const DRAFT_22 = schedule('7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a')
const GOOGLE_Q050 = schedule('504574efd066fe2f9d945cfcdbd3a7f0d3b56b45')
const GOOGLE_T050 = schedule('7ff579e5acd072915580304c43a2367c60488310')
const GOOGLE_T051 = schedule('7a4edef4e7ccee5fa4506c19124fc8ccda6e033d')

const DRAFT_PREFIX = 0xff0000
const SCHEDULES: Readonly<Record<number, KeySchedule>> = {
  1: VERSION_1,
  1798521807: VERSION_2,
  1889161412: VERSION_2_DRAFT,
  4207849473: DRAFT_22,
  4207849474: DRAFT_23,
  4207849486: DRAFT_23,
  1362113840: GOOGLE_Q050,
  1412445488: GOOGLE_T050,
  1412445489: GOOGLE_T051,
}

function scheduleOf(version: number): KeySchedule | undefined {
  if (version >>> 8 !== DRAFT_PREFIX) return SCHEDULES[version]
  const draft = version & 0xff
  if (draft < 22 || draft > 34) return undefined
  if (draft >= 33) return VERSION_1
  return draft >= 29 ? DRAFT_29 : draft >= 23 ? DRAFT_23 : DRAFT_22
}

function hmac(key: Uint8Array, data: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(data).digest()
}

/** HKDF-Expand-Label of RFC 8446 section 7.1 with an empty context; one block is always enough here. */
function expandLabel(secret: Uint8Array, label: string, length: number): Uint8Array {
  const name = Buffer.from(`tls13 ${label}`, 'latin1')
  return hmac(
    secret,
    Buffer.concat([Buffer.from([0, length, name.length]), name, Buffer.from([0, 1])]),
  ).subarray(0, length)
}

/** The client's Initial keys for this version and first destination connection id; undefined: version not known. */
export function clientInitialKeys(version: number, connectionId: Uint8Array): InitialKeys | undefined {
  const known = scheduleOf(version)
  if (known === undefined) return undefined
  const secret = expandLabel(hmac(known.salt, connectionId), 'client in', SECRET_LENGTH)
  return {
    key: expandLabel(secret, known.keyLabel, KEY_LENGTH),
    iv: expandLabel(secret, known.ivLabel, IV_LENGTH),
    header: expandLabel(secret, known.headerLabel, KEY_LENGTH),
  }
}

/**
 * `packet` is one whole packet, `numberAt` the offset of its packet number. Removes header protection
 * (RFC 9001 section 5.4) and opens the payload (section 5.3).
 */
export function openInitial(packet: Uint8Array, numberAt: number, keys: InitialKeys): Uint8Array | undefined {
  const sampleAt = numberAt + 4
  if (sampleAt + SAMPLE_LENGTH > packet.length) return undefined
  const aes = createCipheriv('aes-128-ecb', keys.header, null)
  const mask = aes.update(packet.subarray(sampleAt, sampleAt + SAMPLE_LENGTH))
  const first = packet[0] ^ (mask[0] & 0x0f)
  const numberLength = (first & 3) + 1
  const headerEnd = numberAt + numberLength
  if (headerEnd + TAG_LENGTH > packet.length) return undefined
  const header = packet.slice(0, headerEnd)
  header[0] = first
  const nonce = Uint8Array.from(keys.iv)
  for (let i = 0; i < numberLength; i++) {
    header[numberAt + i] ^= mask[i + 1]
    nonce[IV_LENGTH - numberLength + i] ^= header[numberAt + i]
  }
  const gcm = createDecipheriv('aes-128-gcm', keys.key, nonce)
  gcm.setAAD(header)
  gcm.setAuthTag(packet.subarray(packet.length - TAG_LENGTH))
  const plain = gcm.update(packet.subarray(headerEnd, packet.length - TAG_LENGTH))
  try {
    gcm.final()
    return plain
  } catch {
    // The tag does not fit: not an Initial of this client, or a damaged one.
    return undefined
  }
}
