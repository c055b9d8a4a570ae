/**
 * BSD loopback (LINKTYPE_NULL in the byte order of the capturing host, LINKTYPE_LOOP in network order), packets that
 * BSD's IPsec decrypted, and raw IP.
 */
import { readU32, readU32LE } from '../../bytes.ts'
import type { Cursor } from '../cursor.ts'
import { IP_VERSION, LINK_CUT, NON_IP } from '../status.ts'
import { STEP_IPV4, STEP_IPV6, STEP_RAW_IP } from '../steps.ts'

const LOOPBACK_HEADER = 4
/** Address families are small: a greater value was written in the other byte order. */
const FAMILY_MAX = 0xffff

const AF_INET = 2
/** AF_INET6 of Linux, Windows, NetBSD and OpenBSD, FreeBSD, macOS. */
const AF_INET6_LINUX = 10
const AF_INET6_WINDOWS = 23
const AF_INET6_OPENBSD = 24
const AF_INET6_FREEBSD = 28
const AF_INET6_DARWIN = 30

export function loopback(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < LOOPBACK_HEADER) return ~LINK_CUT
  cursor.at = at + LOOPBACK_HEADER
  return familyStep(readFamily(bytes, at))
}

/** In either byte order. */
function readFamily(bytes: Uint8Array, at: number): number {
  const family = readU32(bytes, at)
  return family > FAMILY_MAX ? readU32LE(bytes, at) : family
}

/** LINKTYPE_ENC of the BSDs: address family as above, security parameter index, flags; then the datagram in clear. */
const ENC_HEADER = 12

export function enc(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < ENC_HEADER) return ~LINK_CUT
  cursor.at = at + ENC_HEADER
  return familyStep(readFamily(bytes, at))
}

export function familyStep(family: number): number {
  switch (family) {
    case AF_INET:
      return STEP_IPV4
    case AF_INET6_LINUX:
    case AF_INET6_WINDOWS:
    case AF_INET6_OPENBSD:
    case AF_INET6_FREEBSD:
    case AF_INET6_DARWIN:
      return STEP_IPV6
    default:
      return ~NON_IP
  }
}

/** LINKTYPE_IPNET of Solaris: version, address family, hook, lengths, interfaces, zones; the datagram follows. */
const IPNET_HEADER = 24

export function ipnet(cursor: Cursor): number {
  if (cursor.end - cursor.at < IPNET_HEADER) return ~LINK_CUT
  cursor.at += IPNET_HEADER
  return STEP_RAW_IP
}

/** Version nibble of a datagram without any header before it. */
export function rawIp(cursor: Cursor): number {
  if (cursor.end <= cursor.at) return ~LINK_CUT
  const version = cursor.bytes[cursor.at] >> 4
  return version === 4 ? STEP_IPV4 : version === 6 ? STEP_IPV6 : ~IP_VERSION
}
