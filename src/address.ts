/**
 * Addresses as text, and back. Inside the pipeline an address is four signed words (see types.ts); text is made for
 * reports and read from rule files. IPv6 text follows RFC 5952.
 */

/** A network, or with all bits a single address. */
export interface Cidr {
  /** As in types.ts: IPv4 in the last word. */
  words: readonly [number, number, number, number]
  bits: number
  version: 4 | 6
}

const IPV4_BITS = 32
const IPV6_BITS = 128
const IPV4_GROUP = /^(0|[1-9]\d{0,2})$/
const IPV6_GROUP = /^[0-9a-fA-F]{1,4}$/

export function addressText(version: number, w0: number, w1: number, w2: number, w3: number): string {
  return version === 4 ? ipv4Text(w3) : ipv6Text(w0, w1, w2, w3)
}

/** "10.0.0.1:53", "[::1]:53", or the bare address where there is no port. */
export function endpoint(ip: string, port: number | undefined): string {
  if (port === undefined) return ip
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

function ipv4Text(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`
}

function ipv6Text(w0: number, w1: number, w2: number, w3: number): string {
  if (w0 === 0 && w1 === 0 && w2 === 0xffff) return `::ffff:${ipv4Text(w3)}`
  const groups = [
    w0 >>> 16,
    w0 & 0xffff,
    w1 >>> 16,
    w1 & 0xffff,
    w2 >>> 16,
    w2 & 0xffff,
    w3 >>> 16,
    w3 & 0xffff,
  ]
  const gap = longestZeroRun(groups)
  if (gap.length < 2) return groups.map((group) => group.toString(16)).join(':')
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':')
  return `${hex(groups.slice(0, gap.at))}::${hex(groups.slice(gap.at + gap.length))}`
}

function longestZeroRun(groups: number[]): { at: number; length: number } {
  const best = { at: -1, length: 0 }
  for (let at = 0; at < groups.length; at++) {
    let length = 0
    while (at + length < groups.length && groups[at + length] === 0) length++
    if (length > best.length) Object.assign(best, { at, length })
    if (length > 0) at += length
  }
  return best
}

/** The address's words, or undefined when `text` is not exactly an IPv4 or IPv6 address. */
export function parseAddress(text: string): Cidr | undefined {
  const ipv4 = parseIpv4(text)
  if (ipv4 !== undefined) return { words: [0, 0, 0, ipv4], bits: IPV4_BITS, version: 4 }
  const groups = parseIpv6(text)
  if (groups === undefined) return undefined
  const word = (i: number) => (groups[i] << 16) | groups[i + 1] | 0
  return { words: [word(0), word(2), word(4), word(6)], bits: IPV6_BITS, version: 6 }
}

/** "10.0.0.0/8", "2001:db8::/32" or a single address. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) return parseAddress(text)
  const address = parseAddress(text.slice(0, slash))
  const length = text.slice(slash + 1)
  if (address === undefined || !/^\d{1,3}$/.test(length) || Number(length) > address.bits) return undefined
  return { ...address, bits: Number(length) }
}

/** The same network with every bit beyond its length 0, as it is written. */
export function networkOf(cidr: Cidr): Cidr {
  const first = IPV6_BITS - (cidr.version === 4 ? IPV4_BITS : IPV6_BITS)
  const word = (i: number) => {
    const bits = first + cidr.bits - 32 * i
    return bits >= 32 ? cidr.words[i] : bits <= 0 ? 0 : cidr.words[i] & (-1 << (32 - bits))
  }
  return { ...cidr, words: [word(0), word(1), word(2), word(3)] }
}

export function cidrContains(
  cidr: Cidr,
  version: number,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
): boolean {
  if (cidr.version !== version) return false
  if (version === 4) return sameBits(cidr.words[3], w3, cidr.bits)
  return (
    sameBits(cidr.words[0], w0, cidr.bits) &&
    sameBits(cidr.words[1], w1, cidr.bits - 32) &&
    sameBits(cidr.words[2], w2, cidr.bits - 64) &&
    sameBits(cidr.words[3], w3, cidr.bits - 96)
  )
}

function sameBits(a: number, b: number, bits: number): boolean {
  if (bits <= 0) return true
  return bits >= 32 ? a === b : (a ^ b) >>> (32 - bits) === 0
}

function parseIpv4(text: string): number | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let word = 0
  for (const part of parts) {
    if (!IPV4_GROUP.test(part) || Number(part) > 255) return undefined
    word = (word << 8) | Number(part)
  }
  return word
}

function parseIpv6(text: string): number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = parseGroups(halves[0], halves.length === 1)
  const tail = halves.length === 2 ? parseGroups(halves[1], true) : []
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  return [...head, ...new Array<number>(missing).fill(0), ...tail]
}

/** Colon-separated groups; the last may be an IPv4 address where `last` says that the text ends here. */
function parseGroups(text: string, last: boolean): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (let i = 0; i < parts.length; i++) {
    const ipv4 = last && i === parts.length - 1 ? parseIpv4(parts[i]) : undefined
    if (ipv4 !== undefined) groups.push(ipv4 >>> 16, ipv4 & 0xffff)
    else if (IPV6_GROUP.test(parts[i])) groups.push(Number.parseInt(parts[i], 16))
    else return undefined
  }
  return groups
}

/** Multicast (224/4, ff00::/8) or limited broadcast. Subnet broadcasts cannot be known from a packet. */
export function isGroupAddress(version: number, w0: number, w3: number): boolean {
  if (version === 4) return w3 >>> 28 === 0xe || w3 === -1
  return w0 >>> 24 === 0xff
}
