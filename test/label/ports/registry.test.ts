import { createRequire } from 'node:module'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '../../../src/errors.ts'
import { loadRegistry, MAX_PORT, TRANSPORTS } from '../../../src/label/ports/registry.ts'
import { parseRegistryCsv } from '../../../src/label/ports/registry-csv.ts'

const test = suite('label/registry')

const TCP = 6
const UDP = 17
const SCTP = 132

interface OracleRow {
  ServiceName?: string
  PortNumber?: string
  TransportProtocol?: string
  Description?: string
}

/** IANA's table of 2015 with all columns. */
const oracle: OracleRow[] = createRequire(import.meta.url)('service-names-port-numbers')()

const registry = await loadRegistry()

test('gives four different answers', () => {
  assert.equal(registry.lookup(3280, 'udp'), {
    status: 'registered',
    name: 'vs-server',
    description: 'VS Server',
  })
  assert.is(registry.lookup(0, 'tcp').status, 'reserved')
  assert.is(registry.lookup(1023, 'udp').status, 'reserved')
  assert.is(registry.lookup(230, 'tcp').status, 'reserved')
  assert.is(registry.lookup(4, 'tcp').status, 'unassigned')
  assert.is(registry.lookup(81, 'tcp').status, 'unassigned')
  assert.is(registry.lookup(272, 'udp').status, 'unassigned')
  assert.is(registry.lookup(49152, 'tcp').status, 'not_listed')
  assert.is(registry.lookup(65535, 'udp').status, 'not_listed')
  assert.is(registry.lookup(4913, 'udp').status, 'not_listed')
})

test('answers for any number without failing', () => {
  for (const port of [-1, 65536, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.is(registry.lookup(port, 'tcp').status, 'not_listed')
  }
})

test('prefers the names in use', () => {
  assert.is(registry.lookup(80, 'tcp').name, 'http')
  assert.is(registry.lookup(3478, 'udp').name, 'stun')
  assert.is(registry.lookup(2049, 'tcp').name, 'nfs')
  assert.is(registry.lookup(44818, 'tcp').name, 'EtherNet-IP-2')
  assert.is(registry.lookup(63, 'tcp').name, 'whoispp')
})

test('fills the rows that name a range or no transport', () => {
  assert.is(registry.lookup(3322, 'udp').name, 'active-net')
  assert.is(registry.lookup(3325, 'sctp').name, 'active-net')
  assert.is(registry.lookup(6063, 'tcp').name, 'x11')
  assert.is(
    registry.lookup(6064, 'tcp').status === 'registered' && registry.lookup(6064, 'tcp').name,
    'ndl-ahp-svc',
  )
  assert.is(registry.lookup(27009, 'tcp').name, 'flex-lm')
  assert.is(registry.lookup(6667, 'tcp').name, 'ircu')
  assert.is(registry.lookup(6667, 'udp').status, 'reserved')
})

test('knows every slot of the Framehawk range, as the full table does', () => {
  for (let port = 3224; port <= 3324; port++) {
    const answer = registry.lookup(port, 'udp')
    assert.is.not(answer.status, 'not_listed', String(port))
    // Only the Ceph monitor is registered for TCP alone.
    assert.is(answer.status, port === 3300 ? 'reserved' : 'registered', String(port))
    const rows = oracle.filter((row) => covers(row, port) && (row.TransportProtocol ?? 'udp') === 'udp')
    // 3301 was unassigned in 2015, 3283 had spaces in its name.
    if (port === 3301 || port === 3283) continue
    assert.ok(
      rows.some((row) => row.ServiceName === answer.name),
      `${port}: ${answer.name}`,
    )
  }
  assert.is(registry.lookup(3300, 'tcp').name, 'ceph')
  assert.is(registry.lookup(3321, 'udp').name, 'vnsstr')
})

test('calls unassigned only what the full table lists so', () => {
  const listed = new Uint8Array(MAX_PORT + 1)
  for (const row of oracle) {
    if (row.ServiceName !== undefined || !/unassigned/i.test(row.Description ?? '')) continue
    const [low, high] = (row.PortNumber ?? '').split('-').map(Number)
    listed.fill(1, low, (high ?? low) + 1)
  }
  let unassigned = 0
  let unexplained = 0
  for (let port = 0; port <= MAX_PORT; port++) {
    if (registry.lookup(port, 'tcp').status !== 'unassigned') continue
    unassigned++
    if (listed[port] === 0) unexplained++
  }
  assert.ok(unassigned > 42_000, `${unassigned} unassigned`)
  assert.ok(unexplained < 40, `${unexplained} withdrawn since 2015`)
})

test('has every named row of the full table that has no transport', () => {
  for (const row of oracle) {
    if (row.ServiceName === undefined || row.PortNumber === undefined) continue
    if (row.TransportProtocol !== undefined && !row.PortNumber.includes('-')) continue
    const [low, high] = row.PortNumber.split('-').map(Number)
    const transport = row.TransportProtocol === 'udp' ? 'udp' : 'tcp'
    for (let port = low; port <= (high ?? low); port++) {
      assert.is(registry.lookup(port, transport).name, row.ServiceName, `${port}/${transport}`)
    }
  }
})

test('tells registered ports by protocol number', () => {
  assert.ok(registry.registered(TCP, 443))
  assert.ok(registry.registered(UDP, 3323))
  assert.ok(registry.registered(136, 53), 'UDP-Lite shares the numbers of UDP')
  assert.ok(registry.registered(SCTP, 3868))
  assert.not(registry.registered(TCP, 81))
  assert.not(registry.registered(UDP, 6667))
  assert.not(registry.registered(TCP, 60001))
  assert.not(registry.registered(1, 80), 'ICMP has no ports')
  assert.ok(registry.registered(TCP, 443), 'the same from the cache')
})

test('maps registrations to labels', () => {
  const labels: [number, number, string][] = [
    [UDP, 53, 'dns'],
    [TCP, 443, 'tls'],
    [UDP, 443, 'quic'],
    [TCP, 80, 'http'],
    [TCP, 8080, 'http'],
    [TCP, 3389, 'rdp'],
    [TCP, 5900, 'vnc'],
    [UDP, 67, 'dhcp'],
    [TCP, 445, 'smb'],
    [TCP, 1433, 'tds'],
    [TCP, 44818, 'ethernet-ip'],
    [TCP, 9092, 'xmlipcregsvc'],
    [UDP, 3280, 'vs-server'],
    [TCP, 81, ''],
    [TCP, 24, ''],
    [1, 53, ''],
  ]
  for (const [protocol, port, label] of labels) assert.is(registry.label(protocol, port), label, `${port}`)
})

test('shares one answer per port', () => {
  assert.is(registry.lookup(22, 'tcp'), registry.lookup(22, 'tcp'))
  assert.is(registry.lookup(50000, 'tcp'), registry.lookup(50001, 'udp'))
})

test('lists its names', () => {
  const ports = [...registry.names()].filter(({ name }) => name === 'x11')
  assert.is(ports.length, 128)
  assert.ok([...registry.names()].some(({ name, port }) => name === 'http' && port === 80))
})

const HEADER =
  'Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,Registration Date,' +
  'Modification Date,Reference,Service Code,Unauthorized Use Reported,Assignment Notes\n'

test('reads the CSV of IANA', () => {
  const csv = parseRegistryCsv(
    HEADER +
      ',0,tcp,Reserved,[Jon_Postel],[Jon_Postel],,,,,,\n' +
      'http,80,tcp,World Wide Web HTTP,,,,,,,,"several\nlines, and ""quotes"""\r\n' +
      'www-http,80,tcp,World Wide Web HTTP,,,,,,,,\n' +
      'shilp,2049,tcp,,,,,,,,,\n' +
      'nfs,2049,tcp,"Network File System, Sun",,,,,,,,\n' +
      'sql-net,66,tcp,"Oracle SQL*NET IANA assigned this well-formed service name as a replacement for ""sql*net"".",,,,,,,,\n' +
      'active-net,3322-3325,,Active Networks,,,,,,,,\n' +
      ',272-279,,Unassigned,,,,,,,,\n' +
      'dnssd-only,,tcp,no port,,,,,,,,\n',
    'iana.csv',
  )
  assert.is(csv.lookup(0, 'tcp').status, 'reserved')
  assert.is(csv.lookup(80, 'tcp').name, 'http')
  assert.equal(csv.lookup(2049, 'tcp'), {
    status: 'registered',
    name: 'nfs',
    description: 'Network File System, Sun',
  })
  assert.is(csv.lookup(66, 'tcp').description, 'Oracle SQL*NET')
  for (const transport of TRANSPORTS) assert.is(csv.lookup(3324, transport).name, 'active-net')
  assert.is(csv.lookup(275, 'udp').status, 'unassigned')
  assert.is(csv.lookup(443, 'tcp').status, 'not_listed')
  assert.ok(csv.registered(TCP, 80))
  assert.is(csv.label(TCP, 80), 'http')
  assert.equal(
    [...csv.names()].filter(({ transport }) => transport === 'dccp').map(({ port }) => port),
    [3322, 3323, 3324, 3325],
  )
})

test('names the line of every fault in a CSV', () => {
  const faults: [string, string][] = [
    ['', 'f.csv: empty, expected the CSV table of IANA (REGISTRY_HEADER)'],
    ['a,b,c\n', 'REGISTRY_HEADER'],
    [
      HEADER,
      'f.csv: found no port of tcp, udp, sctp or dccp, expected the whole table; was it cut? (REGISTRY_EMPTY)',
    ],
    [`${HEADER}dnssd-only,,tcp,no port,,,,,,,,\n`, 'REGISTRY_EMPTY'],
    [`${HEADER}http,80\n`, 'f.csv:2: found 2 columns, expected 12 as in the header (REGISTRY_COLUMNS)'],
    [`${HEADER},1,tcp,"x\ny",,,,,,,,\nz,99999,tcp,,,,,,,,,\n`, 'f.csv:4: found port "99999"'],
    [`${HEADER}z,9-3,tcp,,,,,,,,,\n`, 'REGISTRY_PORT'],
    [`${HEADER}"z,9,tcp,,,,,,,,,\n`, 'f.csv:2: a quoted field that never ends (REGISTRY_QUOTE)'],
    [`${HEADER}"z"9,9,tcp,,,,,,,,,\n`, 'REGISTRY_QUOTE'],
    [`${HEADER}"${'z'.repeat(70_000)}",9,tcp,,,,,,,,,\n`, 'REGISTRY_SIZE'],
    [`${HEADER}${'z,0-65535,,,,,,,,,,\n'.repeat(30)}`, 'f.csv:10: the ranges repeat each other'],
  ]
  for (const [text, message] of faults) {
    assert.throws(
      () => parseRegistryCsv(text, 'f.csv'),
      (error: Error) => error instanceof UsageError && error.message.includes(message),
      message,
    )
  }
})

test('reads a CSV that begins with a byte order mark, quoted or not', () => {
  const row = 'http,80,tcp,x,,,,,,,,\n'
  const quoted = `"${HEADER.trim().replaceAll(',', '","')}"\n`
  for (const header of [HEADER, quoted])
    assert.is(parseRegistryCsv(`\ufeff${header}${row}`).lookup(80, 'tcp').name, 'http')
})

test('keeps control characters of a CSV out of its answers', () => {
  const csv = parseRegistryCsv(`${HEADER}ev\u001bil,7,tcp,"a\u202eb",,,,,,,,\n`, 'f.csv')
  assert.not.match(JSON.stringify(csv.lookup(7, 'tcp')), /\u001b|\u202e/)
})

test('survives a cut CSV', () => {
  const text = `${HEADER}http,80,tcp,"World ""Wide"" Web",,,,,,,,\n,1-3,,Reserved,,,,,,,,\n`
  for (let end = 0; end < text.length; end++) {
    try {
      parseRegistryCsv(text.slice(0, end), 'f.csv')
    } catch (error) {
      assert.instance(error, UsageError)
    }
  }
})

function covers(row: OracleRow, port: number): boolean {
  const [low, high] = (row.PortNumber ?? '').split('-').map(Number)
  return port >= low && port <= (high ?? low) && row.PortNumber !== undefined
}

test.run()
