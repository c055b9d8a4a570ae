/** Checksums by which devices on serial lines and in fields prove a frame. All take bytes from..stop-1. */

/** CRC-16 of CCITT: polynomial 1021, most significant bit first; 0 or ffff to begin with. */
export function crcCcitt(bytes: Uint8Array, from: number, stop: number, initial: number): number {
  let crc = initial
  for (let at = from; at < stop; at++) crc = ((crc << 8) & 0xffff) ^ CCITT[(crc >>> 8) ^ bytes[at]]
  return crc
}

const CCITT = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
  return crc
})

/** One byte more with the same table, which goes in at the low end: GDL 90 section 2.2.3. */
export function crcGdl90(crc: number, byte: number): number {
  return CCITT[crc >>> 8] ^ ((crc << 8) & 0xffff) ^ byte
}

/** CRC-16 of X.25 and HDLC (ISO 13239): polynomial 1021 reflected, inverted. */
export function crcHdlc(bytes: Uint8Array, from: number, stop: number): number {
  let crc = 0xffff
  for (let at = from; at < stop; at++) {
    crc ^= bytes[at]
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x8408 : crc >>> 1
  }
  return ~crc & 0xffff
}

/** CRC-24Q of RTCM 10403. */
export const CRC24Q = 0x1864cfb
/** Of Mode S: ICAO annex 10 volume IV section 3.1.2.3.3. */
export const MODE_S = 0x1fff409

/** A CRC of 24 bits, most significant bit first. */
export function crc24(bytes: Uint8Array, from: number, stop: number, polynomial: number): number {
  let crc = 0
  for (let at = from; at < stop; at++) {
    crc ^= bytes[at] << 16
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x800000 ? ((crc << 1) ^ polynomial) & 0xffffff : crc << 1
  }
  return crc
}

/** CRC-32 of IEEE 802.3, signed. */
export function crc32(bytes: Uint8Array, from: number, stop: number): number {
  let crc = -1
  for (let at = from; at < stop; at++) crc = CRC32[(crc ^ bytes[at]) & 0xff] ^ (crc >>> 8)
  return ~crc
}

const CRC32 = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc
})

/** All bytes by exclusive or. */
export function parity(bytes: Uint8Array, from: number, stop: number): number {
  let value = 0
  for (let at = from; at < stop; at++) value ^= bytes[at]
  return value
}

/** All bytes added up, the low eight bits. */
export function sum8(bytes: Uint8Array, from: number, stop: number): number {
  let sum = 0
  for (let at = from; at < stop; at++) sum += bytes[at]
  return sum & 0xff
}
