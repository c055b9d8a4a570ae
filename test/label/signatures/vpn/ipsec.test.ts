import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/vpn/ipsec.ts'
import { bytes, noise, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/vpn/ipsec')
const UDP = 17

/** RFC 7296 section 3.1 with a body of 20 bytes. */
function ike(version: number, exchange: number, flags: number, first = 33): Uint8Array {
  return bytes(noise(8), zeros(8), first, version, exchange, flags, u32(0), u32(48), noise(20))
}
const init = ike(0x20, 34, 0x08)
const main = ike(0x10, 2, 0, 1)
const esp = (sequence: number) => bytes(u32(0xc0ffee01), u32(sequence), noise(40))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'ipsec',
      name: 'IKE version 2 on 500',
      protocol: UDP,
      ports: [500, 500],
      bytes: init,
      strength: 'strong',
      extras: { ike: { version: 2, exchange_type: 34 } },
    },
    {
      label: 'ipsec',
      name: 'IKE version 1',
      protocol: UDP,
      ports: [500, 500],
      bytes: main,
      strength: 'strong',
    },
    ...[243, 246].map((exchange) => ({
      label: 'ipsec',
      name: `AuthIP, exchange ${exchange}`,
      protocol: UDP,
      ports: [55814, 500] as const,
      bytes: ike(0x10, exchange, 0, 133),
      strength: 'strong' as const,
      extras: { ike: { version: 1, exchange_type: exchange } },
    })),
    {
      label: 'ipsec',
      name: 'IKE on any port',
      protocol: UDP,
      ports: [4000, 6000],
      bytes: init,
      strength: 'strong',
    },
    {
      label: 'ipsec',
      name: 'IKE with something behind it, on its port',
      protocol: UDP,
      ports: [500, 500],
      bytes: bytes(main, 0),
      strength: 'weak',
    },
    {
      label: 'ipsec',
      name: 'IKE behind the non-ESP marker',
      protocol: UDP,
      ports: [4500, 4500],
      bytes: bytes(u32(0), init),
      strength: 'strong',
    },
    {
      label: 'ipsec',
      name: 'ESP in UDP',
      protocol: UDP,
      ports: [4500, 4500],
      bytes: esp(1),
      strength: 'weak',
    },
    {
      label: 'ipsec',
      name: 'ESP in UDP, next',
      protocol: UDP,
      ports: [4500, 4500],
      bytes: esp(2),
      previous: esp(1),
      strength: 'strong',
    },
    {
      label: 'ipsec',
      name: 'keep-alive',
      protocol: UDP,
      ports: [4500, 1024],
      bytes: bytes(0xff),
      strength: 'weak',
    },
  ],
  misses: [
    {
      name: 'length field one too large',
      protocol: UDP,
      ports: [4000, 6000],
      bytes: bytes(init.subarray(0, 47)),
    },
    { name: 'version 3', protocol: UDP, ports: [500, 500], bytes: ike(0x30, 34, 8) },
    { name: 'exchange 200 of version 2', protocol: UDP, ports: [500, 500], bytes: ike(0x20, 200, 8) },
    { name: 'exchange 242 of version 1', protocol: UDP, ports: [500, 500], bytes: ike(0x10, 242, 0, 133) },
    { name: 'reserved flags', protocol: UDP, ports: [500, 500], bytes: ike(0x20, 34, 0x47) },
    { name: 'ESP on another port', protocol: UDP, ports: [4501, 9999], bytes: esp(1) },
    { name: 'SPI 5', protocol: UDP, ports: [4500, 9999], bytes: bytes(u32(5), u32(1), noise(40)) },
    { name: 'keep-alive elsewhere', protocol: UDP, ports: [4501, 9999], bytes: bytes(0xff) },
    {
      name: 'both SPIs zero',
      protocol: UDP,
      ports: [500, 500],
      bytes: bytes(zeros(16), 33, 0x20, 34, 8, u16(0), u16(0), u32(28)),
    },
  ],
})
test.run()
