import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { categoryOf } from '../../src/label/categories.data.ts'
import { loadRegistry } from '../../src/label/ports/registry.ts'
import { registryLabel } from '../../src/label/ports/registry-labels.data.ts'

const test = suite('label/categories')

/** Labels whose spelling is fixed. */
const FIXED =
  'amqp anydesk bacnet bfd bgp bitcoin bittorrent cassandra cgp coap dce-rpc dcerpc dhcp dhcpv6 ' +
  'diameter dnp3 dns dnscrypt dropbox dtls edonkey edt elasticsearch esp ethereum ethernet-ip ' +
  'framehawk ftp git gnutella gtp h323 hsrp http http-connect http-proxy http2 ica icmp icmpv6 ' +
  'iec104 igmp ike imap imaps ipsec kafka kerberos l2tp ldap llmnr mdns memcached mgcp minecraft ' +
  'modbus mongodb mosh mqtt mysql nat-pmp nats netbios nfs ntp opcua openvpn ospf pcoip pim pop3 ' +
  'pop3s postgresql pptp ptp quic radius raknet rdp redis rsync rtcp rtmp rtp rtsp s7comm sctp ' +
  'sflow sip slp smb smtp smtps snmp socks source-engine spotify srtp ssdp ssh steam stun syslog ' +
  'tacacs tds teamspeak teamviewer telnet teredo tftp tls tns tor turn vnc vrrp websocket ' +
  'wireguard ws-discovery xdmcp xmpp zabbix zookeeper'

test('every fixed label has a service group', () => {
  const without = FIXED.split(' ').filter((label) => categoryOf(label) === undefined)
  assert.equal(without, [])
})

test('groups say what people would', () => {
  const expected: [string, string][] = [
    ['http', 'web'],
    ['tls', 'web'],
    ['smtp', 'mail'],
    ['dns', 'name-service'],
    ['postgresql', 'database'],
    ['rdp', 'remote-desktop'],
    ['framehawk', 'remote-desktop'],
    ['ssh', 'remote-shell'],
    ['mosh', 'remote-shell'],
    ['ftp', 'file-transfer'],
    ['smb', 'file-sharing'],
    ['rtp', 'voice'],
    ['modbus', 'industrial'],
    ['snmp', 'network-management'],
    ['bgp', 'routing'],
    ['wireguard', 'vpn'],
    ['ntp', 'time'],
    ['kerberos', 'authentication'],
  ]
  for (const [label, category] of expected) assert.is(categoryOf(label), category, label)
})

test('knows nothing of other names', () => {
  for (const label of ['unknown', '', 'constructor', '__proto__', 'vs-server']) {
    assert.is(categoryOf(label), undefined, label)
  }
})

test('mapped registry labels exist in a group', async () => {
  const registry = await loadRegistry()
  const mapped = new Set<string>()
  for (const { name, transport } of registry.names()) {
    const label = registryLabel(name, transport)
    if (label !== name.toLowerCase()) mapped.add(label)
  }
  assert.is(registryLabel('IRCU', 'tcp'), 'irc')
  assert.ok(mapped.size > 40, `${mapped.size} mapped labels`)
  assert.equal(
    [...mapped].filter((label) => categoryOf(label) === undefined),
    [],
  )
})

test.run()
