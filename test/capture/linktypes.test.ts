import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { linkTypeName } from '../../src/capture/linktypes.ts'

const test = suite('link types')

test('names of the registry, one of every run of the table', () => {
  const names: Record<number, string> = {
    0: 'NULL',
    1: 'EN10MB',
    9: 'PPP',
    11: 'ATM_RFC1483',
    19: 'ATM_CLIP',
    51: 'PPP_ETHER',
    101: 'RAW',
    104: 'C_HDLC',
    105: 'IEEE802_11',
    107: 'FRELAY',
    108: 'LOOP',
    113: 'LINUX_SLL',
    117: 'PFLOG',
    127: 'IEEE802_11_RADIOTAP',
    143: 'DOCSIS',
    147: 'USER0',
    162: 'USER15',
    163: 'IEEE802_11_AVS',
    177: 'LINUX_LAPD',
    187: 'BLUETOOTH_HCI_H4',
    192: 'PPI',
    202: 'AX25_KISS',
    204: 'PPP_WITH_DIR',
    209: 'I2C_LINUX',
    219: 'MPLS',
    220: 'USB_LINUX_MMAPPED',
    228: 'IPV4',
    229: 'IPV6',
    239: 'NFLOG',
    249: 'USBPCAP',
    253: 'NETLINK',
    258: 'PKTAP',
    271: 'VSOCK',
    276: 'LINUX_SLL2',
    289: 'ATSC_ALP',
    290: 'ETW',
    296: 'AUERSWALD_LOG',
    301: 'DECT_NR',
  }
  for (const [value, name] of Object.entries(names)) assert.is(linkTypeName(Number(value)), name)
})

test('values without a name', () => {
  for (const value of [13, 49, 52, 208, 302, 65535]) assert.is(linkTypeName(value), `LINKTYPE_${value}`)
})

test.run()
