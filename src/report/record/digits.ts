/** Tables of ASCII digits as little-endian words, so that a number is written with a few stores. */

/** 0..999 as "000".."999"; the fourth byte is zero and gets overwritten. */
export const DIGITS_PADDED = new Int32Array(1000)
/** 0..999 without leading zeros. */
export const DIGITS_PLAIN = new Int32Array(1000)
export const DIGITS_PLAIN_LENGTH = new Uint8Array(1000)
/** How many zeros the three padded digits end with. */
export const TRAILING_ZEROS = new Uint8Array(1000)
/** 0..255 followed by a dot. */
export const IPV4_OCTETS = new Int32Array(256)
/** 0..99 as two digits and ":". */
export const CLOCK_DIGITS = new Int32Array(100)
/** 0..255 as two hexadecimal digits. */
export const HEX_PAIRS = new Uint16Array(256)
/** 12 bits as two base64 digits (RFC 4648 section 4). */
export const BASE64_PAIRS = new Uint16Array(4096)

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Up to four ASCII characters as a little-endian word. */
function word(text: string): number {
  let value = 0
  for (let i = 0; i < text.length; i++) value |= text.charCodeAt(i) << (8 * i)
  return value
}

for (let i = 0; i < 1000; i++) {
  const padded = String(i).padStart(3, '0')
  DIGITS_PADDED[i] = word(padded)
  DIGITS_PLAIN[i] = word(String(i))
  DIGITS_PLAIN_LENGTH[i] = String(i).length
  TRAILING_ZEROS[i] = 3 - padded.replace(/0+$/, '').length
}
for (let i = 0; i < 256; i++) {
  IPV4_OCTETS[i] = word(`${i}.`)
  HEX_PAIRS[i] = word(i.toString(16).padStart(2, '0'))
}
for (let i = 0; i < 100; i++) CLOCK_DIGITS[i] = word(`${String(i).padStart(2, '0')}:`)
for (let i = 0; i < 4096; i++) BASE64_PAIRS[i] = word(BASE64[i >> 6] + BASE64[i & 63])
