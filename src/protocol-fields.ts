/**
 * The payload fields of records: a group for each protocol, and the type and meaning of each field. The signatures write
 * them; the types, the schema and docs/fields.md are derived from this table. A field is absent where no packet held it.
 */

const VERSION = 'version of the protocol'
const TLS_VERSION = 'that the server chose; where it did not answer, the highest that the client offers'
const ALPN = 'protocols that the client offers (RFC 7301)'
const ALPN_TOTAL = 'how many it offers, where the list was cut'
const SNI = "the server's name in the ClientHello (RFC 6066)"
const JA4 = 'fingerprint of the ClientHello'
const GREETING = "text of the server's greeting"
const MESSAGE_TYPE = 'number of the message type'
const USER = 'name that the client gives'
const USER_AGENT = 'the software that asks'
const SERVER_NAME = 'name that the server gives itself'

const TLS_FIELDS = {
  sni: ['text', SNI],
  alpn: ['texts', ALPN],
  alpn_total: ['number', ALPN_TOTAL],
  alpn_selected: ['text', 'the one that the server chose'],
  version: ['text', TLS_VERSION],
  ja4: ['text', JA4],
  cipher: ['text', 'cipher suite that the server chose'],
} as const

export const PROTOCOL_FIELDS = {
  amqp: { version: ['text', VERSION] },
  bacnet: { function: ['number', 'function of the BVLC header'] },
  bfd: { state: ['number', "the sender's session state: 0 admin down, 1 down, 2 init, 3 up"] },
  bgp: {
    message_type: ['number', '1 OPEN, 2 UPDATE, 3 NOTIFICATION, 4 KEEPALIVE, 5 ROUTE-REFRESH'],
    autonomous_system: ['number', "the sender's, of OPEN"],
  },
  bitcoin: { command: ['text', 'of the first message'] },
  bittorrent: { client: ['text', 'client and version, the first characters of the peer id'] },
  cassandra: { version: ['number', 'version of the native protocol'] },
  coap: {
    code: ['text', 'class and detail, such as 0.01 (GET) or 2.05'],
    host: ['text', 'Uri-Host'],
    path: ['text', 'Uri-Path, its parts joined'],
  },
  dcerpc: { packet_type: ['number', 'PTYPE: 0 request, 2 response, 11 bind, 12 bind_ack'] },
  dhcp: {
    message_type: ['number', 'option 53: 1 DISCOVER, 2 OFFER, 3 REQUEST, 5 ACK, 8 INFORM'],
    client_mac: ['text', "the client's hardware address"],
    client_hostname: ['text', 'option 12'],
    vendor_class: ['text', 'option 60'],
  },
  dhcpv6: { message_type: ['number', '1 SOLICIT, 2 ADVERTISE, 3 REQUEST, 7 REPLY'] },
  diameter: {
    command: ['number', 'command code'],
    application: ['number', 'application id'],
  },
  dicom: {
    called_ae: ['text', 'title of the application that is called'],
    calling_ae: ['text', 'title of the application that calls'],
  },
  dnp3: {
    source: ['number', 'data link address of the sender'],
    destination: ['number', 'data link address of the receiver'],
  },
  dns: {
    query: ['text', 'name of the question answered first, else of the first'],
    qtype: ['text', 'its type, such as A, AAAA or PTR'],
    rcode: ['text', 'what the first answer says, such as NOERROR or NXDOMAIN'],
    answers: ['texts', 'addresses and names of that answer'],
    answers_total: ['number', 'how many there are, where the list was cut'],
  },
  dnscrypt: { provider: ['text', 'whose certificate is asked for'] },
  dtls: TLS_FIELDS,
  ethereum: {
    discovery_type: ['number', 'packet type of the discovery protocol: 1 ping, 2 pong, 3 find node'],
  },
  ethernet_ip: { command: ['number', 'encapsulation command'] },
  firebird: { database: ['text', 'that is asked for'] },
  ftp: {
    greeting: ['text', GREETING],
    user: ['text', USER],
  },
  geneve: { vni: ['number', 'virtual network'] },
  git: { path: ['text', 'repository that is asked for'] },
  gtp: {
    version: ['number', VERSION],
    message_type: ['number', MESSAGE_TYPE],
  },
  hsrp: { group: ['number', 'standby group'] },
  http: {
    method: ['text', 'of the first request'],
    host: ['text', 'its Host header'],
    path: ['text', 'its target with the query; users are left out, passwords and tokens are ***'],
    user_agent: ['text', 'its User-Agent header'],
    status: ['number', 'of the first final response'],
    content_type: ['text', 'its Content-Type header'],
    server: ['text', 'its Server header'],
  },
  ike: {
    version: ['number', VERSION],
    exchange_type: ['number', 'such as 34 IKE_SA_INIT, 35 IKE_AUTH; version 1: 2 main mode, 4 aggressive'],
  },
  iscsi: {
    initiator: ['text', 'InitiatorName of the login'],
    target: ['text', 'TargetName of the login'],
  },
  kafka: {
    api_key: ['number', 'of the first request'],
    api_version: ['number', 'of the first request'],
    client_id: ['text', USER],
  },
  kerberos: {
    message_type: ['number', '10 AS-REQ, 11 AS-REP, 12 TGS-REQ, 13 TGS-REP, 30 KRB-ERROR'],
    realm: ['text', 'the first that is named'],
  },
  knxnet_ip: { service: ['number', 'service type'] },
  l2tp: { version: ['number', VERSION] },
  ldap: {
    operation: ['number', 'application tag: 0 bind request, 3 search request'],
    version: ['number', 'of the bind request'],
    bind_name: ['text', 'who binds'],
  },
  memcached: { opcode: ['number', 'of the binary protocol'] },
  mgcp: { verb: ['text', 'of the first command'] },
  minecraft: {
    protocol_version: ['number', 'of the handshake'],
    host: ['text', 'server name that the client typed'],
  },
  modbus: {
    unit: ['number', 'unit identifier'],
    function: ['number', 'function code'],
  },
  mongodb: { operation: ['number', 'opcode, such as 2013 OP_MSG'] },
  mqtt: {
    protocol_level: ['number', '3 for version 3.1, 4 for 3.1.1, 5'],
    client_id: ['text', 'client identifier'],
  },
  mysql: {
    server_version: ['text', 'of the handshake'],
    user: ['text', USER],
    command: ['number', 'of the first command'],
  },
  netbios: { name: ['text', 'the first that is asked for, or that calls'] },
  ntp: {
    version: ['number', VERSION],
    mode: ['number', '1 and 2 symmetric, 3 client, 4 server, 5 broadcast, 6 control, 7 private'],
    stratum: ['number', 'of the first packet'],
  },
  opcua: { endpoint: ['text', 'that the client names in its hello'] },
  ospf: {
    version: ['number', VERSION],
    area: ['number', 'area id'],
  },
  pfcp: {
    message_type: [
      'number',
      '1 heartbeat, 5 association, 50 session establishment, each request; answers are one more',
    ],
  },
  postgresql: {
    user: ['text', USER],
    database: ['text', 'that is asked for'],
    application: ['text', 'application_name'],
  },
  pptp: { control_type: ['number', 'control message type'] },
  ptp: {
    message_type: ['number', '0 Sync, 1 Delay_Req, 8 Follow_Up, 9 Delay_Resp, 11 Announce'],
    domain: ['number', 'domainNumber'],
  },
  quic: {
    sni: ['text', SNI],
    alpn: ['texts', ALPN],
    alpn_total: ['number', ALPN_TOTAL],
    version: ['text', '1, 2, a draft, or a version of gQUIC'],
    ja4: ['text', JA4],
    user_agent: ['text', 'of gQUIC'],
  },
  radius: {
    code: ['number', '1 Access-Request, 2 Access-Accept, 3 Access-Reject, 4 Accounting-Request'],
    user_name: ['text', 'attribute 1'],
    nas_identifier: ['text', 'attribute 32'],
  },
  raknet: { server_name: ['text', SERVER_NAME] },
  rdp: { cookie: ['text', 'mstshash: user or host, as the client cuts it'] },
  redis: { command: ['text', 'the first; its arguments are left out'] },
  rpc: {
    program: ['number', 'program number, such as 100000 portmapper, 100003 NFS'],
    program_version: ['number', 'its version'],
    procedure: ['number', 'that is called'],
  },
  rsync: { version: ['text', VERSION] },
  rtp: {
    payload_type: ['number', 'of the first packet'],
    ssrc: ['text', 'synchronisation source of the first packet'],
  },
  rtsp: {
    method: ['text', 'of the first request'],
    url: ['text', 'what it asks for; users are left out, passwords and tokens are ***'],
    user_agent: ['text', USER_AGENT],
    status: ['number', 'of the first response'],
  },
  s7comm: { message_type: ['number', 'ROSCTR: 1 job, 2 ack, 3 ack with data, 7 user data'] },
  sctp: { payload_protocol: ['number', 'payload protocol identifier of the first data'] },
  sflow: { version: ['number', VERSION] },
  sip: {
    method: ['text', 'of the first request'],
    status: ['number', 'of the first final response'],
    from: ['text', 'From header'],
    to: ['text', 'To header'],
    call_id: ['text', 'Call-ID header'],
    user_agent: ['text', USER_AGENT],
  },
  slp: {
    version: ['number', VERSION],
    function: ['number', 'function id: 1 service request, 2 service reply'],
  },
  smb: {
    version: ['number', 'the greatest: 1, 2, or 3 where packets are encrypted'],
    command: ['number', 'of the first packet of version 2 or 3'],
    offers_version_2: ['flag', 'the negotiation of version 1 offers version 2'],
  },
  smpp: { command: ['number', 'command id'] },
  smtp: {
    greeting: ['text', GREETING],
    helo: ['text', 'name that the client gives with EHLO or HELO'],
  },
  snmp: {
    version: ['text', '1, 2c or 3'],
    pdu_type: ['number', '0 get, 1 get next, 2 response, 3 set, 5 get bulk, 6 inform, 7 trap'],
  },
  socks: {
    version: ['number', '4 or 5'],
    host: ['text', 'where the client wants to go'],
  },
  source_engine: { server_name: ['text', SERVER_NAME] },
  ssdp: { search_target: ['text', 'ST header: what is looked for'] },
  ssh: {
    client: ['text', "the client's software"],
    server: ['text', "the server's software"],
    version: ['text', VERSION],
  },
  stun: {
    method: ['text', 'of the first message, such as binding or allocate'],
    software: ['text', 'attribute SOFTWARE'],
    realm: ['text', 'attribute REALM'],
  },
  syslog: {
    facility: ['number', 'of the first message'],
    severity: ['number', 'of the first message'],
  },
  tacacs: { type: ['number', '1 authentication, 2 authorization, 3 accounting'] },
  tarantool: { version: ['text', "the server's"] },
  tds: { version: ['text', 'of the login, in hexadecimal'] },
  tftp: {
    operation: ['text', 'read or write'],
    filename: ['text', 'that is asked for'],
  },
  tls: TLS_FIELDS,
  tns: {
    version: ['number', VERSION],
    service_name: ['text', 'database service that is asked for'],
  },
  vnc: { version: ['text', 'of the first banner'] },
  vrrp: {
    virtual_router: ['number', 'virtual router id'],
    priority: ['number', "the sender's"],
  },
  vxlan: { vni: ['number', 'virtual network'] },
  xdmcp: { opcode: ['number', 'of the first packet'] },
  xmpp: { domain: ['text', 'whom the stream is opened to'] },
  zabbix: { flags: ['number', 'of the header'] },
} as const satisfies Readonly<Record<string, Readonly<Record<string, FieldOf>>>>

export type FieldType = keyof Types
type FieldOf = readonly [type: FieldType, says: string]

interface Types {
  text: string
  number: number
  flag: boolean
  texts: string[]
}

type Declared = typeof PROTOCOL_FIELDS

export type ProtocolGroup = keyof Declared

type ValueOf<Field> = Field extends readonly [infer Type extends FieldType, string] ? Types[Type] : never

export type FieldsOf<Group extends ProtocolGroup> = {
  -readonly [Field in keyof Declared[Group]]?: ValueOf<Declared[Group][Field]>
}

/** What a flow's payload told, by protocol. */
export type ProtocolFields = { [Group in ProtocolGroup]?: FieldsOf<Group> }

/** Names of a group's fields that are text. */
export type TextOf<Group extends ProtocolGroup> = {
  [Field in keyof Declared[Group]]: ValueOf<Declared[Group][Field]> extends string ? Field & string : never
}[keyof Declared[Group]]
