/** Names of cipher suites: of each key exchange's series one, first and last of it. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CIPHER_SUITES } from '../../../../src/label/signatures/tls/cipher-suites.data.ts'
import { cipherName, tlsVersionName } from '../../../../src/label/signatures/tls/tls-names.ts'

const test = suite('label/signatures/tls/tls-names')

const NAMES: [number, string][] = [
  [0x0003, 'TLS_RSA_EXPORT_WITH_RC4_40_MD5'],
  [0x000a, 'TLS_RSA_WITH_3DES_EDE_CBC_SHA'],
  [0x0016, 'TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA'],
  [0x001b, 'TLS_DH_anon_WITH_3DES_EDE_CBC_SHA'],
  [0x002b, 'TLS_KRB5_EXPORT_WITH_RC4_40_MD5'],
  [0x003a, 'TLS_DH_anon_WITH_AES_256_CBC_SHA'],
  [0x0040, 'TLS_DHE_DSS_WITH_AES_128_CBC_SHA256'],
  [0x0046, 'TLS_DH_anon_WITH_CAMELLIA_128_CBC_SHA'],
  [0x006d, 'TLS_DH_anon_WITH_AES_256_CBC_SHA256'],
  [0x0095, 'TLS_RSA_PSK_WITH_AES_256_CBC_SHA'],
  [0x009a, 'TLS_DHE_RSA_WITH_SEED_CBC_SHA'],
  [0x00a3, 'TLS_DHE_DSS_WITH_AES_256_GCM_SHA384'],
  [0x00b9, 'TLS_RSA_PSK_WITH_NULL_SHA384'],
  [0x00c5, 'TLS_DH_anon_WITH_CAMELLIA_256_CBC_SHA256'],
  [0x1305, 'TLS_AES_128_CCM_8_SHA256'],
  [0xc019, 'TLS_ECDH_anon_WITH_AES_256_CBC_SHA'],
  [0xc022, 'TLS_SRP_SHA_DSS_WITH_AES_256_CBC_SHA'],
  [0xc032, 'TLS_ECDH_RSA_WITH_AES_256_GCM_SHA384'],
  [0xc03b, 'TLS_ECDHE_PSK_WITH_NULL_SHA384'],
  [0xc071, 'TLS_ECDHE_PSK_WITH_ARIA_256_CBC_SHA384'],
  [0xc09b, 'TLS_ECDHE_PSK_WITH_CAMELLIA_256_CBC_SHA384'],
  [0xc0af, 'TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8'],
  [0xc0b5, 'TLS_SHA384_SHA384'],
  [0xc106, 'TLS_GOSTR341112_256_WITH_MAGMA_MGM_S'],
  [0xccae, 'TLS_RSA_PSK_WITH_CHACHA20_POLY1305_SHA256'],
  [0xd005, 'TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256'],
]

test('a cipher suite has the name that IANA gave it', () => {
  for (const [cipher, name] of NAMES) assert.is(cipherName(cipher), name)
})

test('the series neither overlap nor repeat a name', () => {
  assert.is(CIPHER_SUITES.size, 350)
  assert.is(new Set(CIPHER_SUITES.values()).size, CIPHER_SUITES.size)
})

test('what IANA has not assigned is shown as hex', () => {
  assert.is(cipherName(0xc0b6), '0xc0b6')
  assert.is(cipherName(0x0a0a), '0x0a0a')
  assert.is(tlsVersionName(0x0999), '0x0999')
})

test.run()
