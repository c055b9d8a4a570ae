import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/network/dhcp.ts'
import { client, converse, type Setting } from '../conversation.ts'
import { bytes, hex, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/network/dhcp')
const UDP = 17

/** RFC 2131 section 2: op, htype 1, hlen 6, … chaddr at 28, cookie at 236. */
function bootp(op: number, ...options: Uint8Array[]): Uint8Array {
  const fixed = bytes(op, 1, 6, 0, u32(0x3903f326), zeros(20), hex('005056c00001'), zeros(202))
  return bytes(fixed, hex('63825363'), ...options, 255)
}
const discover = bootp(1, hex('35 01 01'), bytes(12, 5, 'laptp'), bytes(60, 8, 'MSFT 5.0'))
const solicit = bytes(1, 0x10, 0x08, 0x74, u16(1), u16(4), hex('00030001'), u16(6), u16(2), u16(23))
const relay = bytes(12, 1, zeros(32), u16(9), u16(4), solicit.subarray(0, 4))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'dhcp',
      name: 'discover',
      protocol: UDP,
      ports: [68, 67],
      bytes: discover,
      strength: 'strong',
      role: 'client',
      extras: {
        dhcp: {
          client_mac: '00:50:56:c0:00:01',
          message_type: 1,
          client_hostname: 'laptp',
          vendor_class: 'MSFT 5.0',
        },
      },
    },
    {
      label: 'dhcp',
      name: 'offer',
      protocol: UDP,
      ports: [67, 68],
      bytes: bootp(2, hex('35 01 02')),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'dhcpv6',
      name: 'solicit',
      protocol: UDP,
      ports: [546, 547],
      bytes: solicit,
      strength: 'strong',
      role: 'client',
      extras: { dhcpv6: { message_type: 1 } },
    },
    {
      label: 'dhcpv6',
      name: 'relay forward',
      protocol: UDP,
      ports: [547, 547],
      bytes: relay,
      strength: 'strong',
    },
    {
      label: 'dhcpv6',
      name: 'one option',
      protocol: UDP,
      ports: [547, 546],
      bytes: solicit.subarray(0, 12),
      strength: 'weak',
    },
  ],
  misses: [
    {
      name: 'BOOTP that is no longer than this',
      protocol: UDP,
      ports: [68, 67],
      bytes: discover.subarray(0, 40),
    },
    {
      name: 'BOOTP without the cookie',
      protocol: UDP,
      ports: [68, 67],
      bytes: bytes(discover.subarray(0, 236), zeros(8)),
    },
    { name: 'op 3', protocol: UDP, ports: [68, 67], bytes: bootp(3) },
    {
      name: 'hardware address of 17 bytes',
      protocol: UDP,
      ports: [68, 67],
      bytes: bytes(1, 1, 17, discover.subarray(3)),
    },
    { name: 'DHCPv6 options too long', protocol: UDP, ports: [546, 547], bytes: bytes(solicit, 0, 9, 0, 9) },
    { name: 'DHCPv6 off its ports', protocol: UDP, ports: [9000, 9001], bytes: solicit },
    { name: 'DHCPv6 option code 0', protocol: UDP, ports: [546, 547], bytes: bytes(1, 0, 0, 1, u32(0)) },
  ],
})

test('clients that share the flow of those without an address are told apart', () => {
  const setting: Setting = { signatures, protocol: UDP, clientPort: 68, serverPort: 67 }
  const plain = bootp(1, hex('35 01 01'))
  const other = bytes(discover.subarray(0, 28), hex('005056c00002'), discover.subarray(34))
  const { dhcp } = converse(setting, [client(plain), client(other), client(plain)]).extras
  assert.equal(dhcp, { client_mac: '00:50:56:c0:00:01', message_type: 1 })
  assert.is(converse(setting, [client(plain), client(discover)]).extras.dhcp.client_hostname, 'laptp')
})

test('a header that the snaplen cut is likely', () => {
  const setting: Setting = { signatures, protocol: UDP, clientPort: 68, serverPort: 67 }
  const heard = converse(setting, [{ ...client(discover), captured: 54 }])
  assert.is(heard.label, 'dhcp')
  assert.is(heard.strength, 'weak')
  assert.equal(heard.roles, ['client'])
  assert.is(converse({ ...setting, serverPort: 9 }, [{ ...client(discover), captured: 54 }]).label, '')
  assert.is(converse(setting, [{ ...client(discover), captured: 11 }]).label, '')
})

test.run()
