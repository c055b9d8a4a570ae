import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/time.ts'
import { bytes, hex, noise, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/operations/time')
const UDP = 17
/** 2024-01-01T00:00:00Z in seconds since 1970 and since 1900. */
const NOW = 1704067200
const NTP_NOW = NOW + 2208988800

const ntpHeader = (first: number, stratum: number, transmit: number) =>
  bytes(first, stratum, 6, 0xec, zeros(36), u32(transmit), u32(0))
const ntpAnswer = (received: number, sent: number) =>
  bytes(0x24, 5, 6, 0xec, zeros(28), u32(received), u32(0), u32(sent), u32(0))
const control = bytes(0x16, 2, u16(4), zeros(6), u16(0))
const monlist = bytes(0x17, 0, 3, 42, u32(0))
const ptp2 = (type: number, length: number) => bytes(type, 2, u16(length), 5, zeros(29), noise(10))
const ptp1 = bytes(hex('0001 0001'), '_DFLT', zeros(32))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'ntp',
      name: 'version 4 client, timely',
      protocol: UDP,
      ports: [40000, 123],
      bytes: ntpHeader(0x23, 0, NTP_NOW),
      timeSec: NOW,
      strength: 'strong',
      role: 'client',
      extras: { ntp: { version: 4, mode: 3, stratum: 0 } },
    },
    {
      label: 'ntp',
      name: 'server of a wrong time',
      protocol: UDP,
      ports: [123, 40000],
      bytes: ntpHeader(0x24, 2, 5),
      timeSec: NOW,
      strength: 'weak',
      role: 'server',
    },
    {
      label: 'ntp',
      name: 'answer on any port, received and sent in time',
      protocol: UDP,
      ports: [10123, 40000],
      bytes: ntpAnswer(NTP_NOW, NTP_NOW),
      timeSec: NOW,
      strength: 'strong',
      role: 'server',
      extras: { ntp: { version: 4, mode: 4, stratum: 5 } },
    },
    { label: 'ntp', name: 'control', protocol: UDP, ports: [5000, 123], bytes: control, strength: 'weak' },
    {
      label: 'ntp',
      name: 'private, monlist',
      protocol: UDP,
      ports: [5000, 123],
      bytes: monlist,
      strength: 'weak',
    },
    {
      label: 'ptp',
      name: 'version 2 sync',
      protocol: UDP,
      ports: [319, 319],
      bytes: ptp2(0, 44),
      strength: 'strong',
      extras: { ptp: { message_type: 0, domain: 5 } },
    },
    {
      label: 'ptp',
      name: 'padded',
      protocol: UDP,
      ports: [320, 320],
      bytes: bytes(ptp2(8, 44), 0, 0),
      strength: 'weak',
    },
    {
      label: 'ptp',
      name: 'over IPv6, with two bytes for its checksum',
      protocol: UDP,
      ports: [320, 320],
      ipVersion: 6,
      bytes: bytes(ptp2(11, 64), zeros(20), 0, 0),
      strength: 'strong',
      extras: { ptp: { message_type: 11 } },
    },
    { label: 'ptp', name: 'version 1', protocol: UDP, ports: [319, 319], bytes: ptp1, strength: 'strong' },
    {
      label: 'ptp',
      name: 'cut header',
      protocol: UDP,
      ports: [319, 319],
      bytes: bytes(0, 2, u16(44), zeros(40)),
      strength: 'weak',
      captured: 18,
    },
  ],
  misses: [
    {
      name: 'NTP answer off its port, received at another time',
      protocol: UDP,
      ports: [10123, 40000],
      bytes: ntpAnswer(NTP_NOW - 60, NTP_NOW),
      timeSec: NOW,
    },
    {
      name: 'NTP answer off its port, of another day',
      protocol: UDP,
      ports: [10123, 40000],
      bytes: ntpAnswer(NTP_NOW, NTP_NOW),
      timeSec: NOW + 2 * 86400,
    },
    {
      name: 'NTP off its port',
      protocol: UDP,
      ports: [9000, 9001],
      bytes: ntpHeader(0x23, 0, NTP_NOW),
      timeSec: NOW,
    },
    {
      name: 'version 0',
      protocol: UDP,
      ports: [9000, 123],
      bytes: ntpHeader(0x03, 0, NTP_NOW),
      timeSec: NOW,
    },
    {
      name: 'stratum 99',
      protocol: UDP,
      ports: [9000, 123],
      bytes: ntpHeader(0x24, 99, NTP_NOW),
      timeSec: NOW,
    },
    { name: '47 bytes', protocol: UDP, ports: [9000, 123], bytes: ntpHeader(0x23, 0, 0).subarray(0, 47) },
    {
      name: 'unknown implementation',
      protocol: UDP,
      ports: [9000, 123],
      bytes: bytes(0x17, 0, 9, 42, u32(0)),
    },
    { name: 'PTP off its ports', protocol: UDP, ports: [9000, 9001], bytes: ptp2(0, 44) },
    { name: 'PTP message type 7', protocol: UDP, ports: [319, 319], bytes: ptp2(7, 44) },
    { name: 'PTP longer than the datagram', protocol: UDP, ports: [319, 319], bytes: ptp2(0, 60) },
    { name: 'short PTP header', protocol: UDP, ports: [319, 319], bytes: bytes(0, 2, u16(34), zeros(20)) },
  ],
})
test.run()
