/** Host names and URLs that payload names. No user name before a host, no password and no token is reported. */
import { MAX_PACKET_STRING } from '../../../bytes.ts'
import type { Payload } from '../../inspect/payload.ts'

const HOST_NAME = /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/i

/** A name worth reporting as a host: letters, digits, dots; neither empty nor an address literal in brackets. */
export function looksLikeHost(name: string): boolean {
  return name.length > 0 && name.length <= 255 && HOST_NAME.test(name)
}

/**
 * The URL without the user and password that may precede its host (RFC 3986 section 3.2.1). Only the scheme is kept
 * where these cannot be recognised: the URL was cut before its path, or the port is no number. Passwords and tokens
 * among its parameters are HIDDEN. `whole`: the packet did not cut the URL.
 */
export function withoutSecrets(url: string, whole: boolean): string {
  const parts = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)(.*)$/i.exec(url)
  if (parts === null) return hideSecrets(url)
  const [, scheme, authority, rest] = parts
  const host = hostOf(authority)
  const unclear = (rest === '' && (!whole || mayBeCut(url))) || !/^(\[[^\]]*\]|[^:]*)(:\d*)?$/.test(host)
  return unclear ? scheme : scheme + host + hideSecrets(rest)
}

const HIDDEN = '***'
/** Parameters of the query, and of paths where there is none, as cameras have them. */
const SECRETS =
  /([?&;/](?:[^?&;/#=]*(?:password|passwd|secret|token|api_?key)(?:\]|%5d)?|(?:[^?&;/#=]*[_.-])?(?:pass|pwd))=)[^&#]+/gi
/** InfluxDB's names of a user and a password. */
const USER = /[?&]u=/
const PASSWORD = /([?&]p=)[^&#]+/g

/** Hides what parameters have that are passwords or tokens by their names. */
function hideSecrets(url: string): string {
  if (url.indexOf('=') < 0) return url
  const hidden = url.replace(SECRETS, `$1${HIDDEN}`)
  return USER.test(hidden) ? hidden.replace(PASSWORD, `$1${HIDDEN}`) : hidden
}

/** Host and port of an authority, also of a Host header or a CONNECT request; '' where it may be part of a password. */
export function hostOf(authority: string): string {
  if (mayBeCut(authority)) return ''
  return authority.slice(authority.lastIndexOf('@') + 1)
}

/** Names the flow's server by the host of an HTTP request; its port is dropped. */
export function nameServer(payload: Payload, host: string): void {
  const name = host.replace(/:\d{1,5}$/, '')
  if (looksLikeHost(name)) payload.hostname(name, 'http')
}

/** As long as a text that packetString has cut: it never splits a character, which takes four bytes at most. */
function mayBeCut(text: string): boolean {
  return text.length > MAX_PACKET_STRING / 4 && Buffer.byteLength(text) > MAX_PACKET_STRING - 4
}
