/** Names of TLS versions and cipher suites (IANA TLS Parameters); others are shown as hex. */
import { CIPHER_SUITES } from './cipher-suites.data.ts'

const VERSIONS: Readonly<Record<number, string>> = {
  2: 'SSL 2.0',
  768: 'SSL 3.0',
  769: 'TLS 1.0',
  770: 'TLS 1.1',
  771: 'TLS 1.2',
  772: 'TLS 1.3',
  256: 'DTLS 0.9',
  65279: 'DTLS 1.0',
  65277: 'DTLS 1.2',
  65276: 'DTLS 1.3',
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(4, '0')}`
}

export function tlsVersionName(version: number): string {
  return VERSIONS[version] ?? hex(version)
}

export function cipherName(cipher: number): string {
  return CIPHER_SUITES.get(cipher) ?? hex(cipher)
}
