/** The interfaces of the machine that runs the test, and the text about made-up ones. */
import { networkInterfaces } from 'node:os'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type BackendState,
  backendStates,
  type InterfaceInfo,
  listInterfaces,
} from '../../../src/capture/live/interfaces.ts'
import { interfacesText, jsonLine } from '../../../src/commands/interfaces.ts'

const test = suite('interfaces')

test('lists what the system lists', async () => {
  const list = await listInterfaces()
  const known = networkInterfaces()
  for (const [name, addresses = []] of Object.entries(known)) {
    const found = list.find((each) => each.name === name)
    assert.ok(found, name)
    assert.equal(
      found.addresses,
      addresses.map(({ cidr, address }) => cidr ?? address),
    )
  }
  if (process.platform !== 'linux') return
  assert.is(list.at(-1)?.name, 'any')
  assert.is(list.find(({ name }) => name === 'lo')?.linkType, 'EN10MB')
})

test('says of each backend whether it can be used, or what is missing', async () => {
  const states = await backendStates()
  assert.is(states.at(-1)?.backend, 'cap')
  for (const { usable, missing, code } of states) {
    assert.is(usable, missing === undefined)
    assert.is(usable, code === undefined)
    if (!usable) assert.not.match(missing ?? '', /^\w+: |\([A-Z_]+\)$/)
  }
})

const LIST: InterfaceInfo[] = [
  {
    name: 'eth0',
    addresses: ['192.0.2.2/24', '2001:db8::2/64'],
    mac: '02:00:00:00:00:01',
    state: 'up',
    linkType: 'EN10MB',
  },
  { name: 'ppp0\u001b', addresses: [], state: 'no_carrier', linkType: 'LINUX_SLL2' },
  { name: 'x', addresses: [], state: 'unknown' },
]
const USABLE: BackendState[] = [
  { backend: 'ring', usable: true },
  { backend: 'cap', usable: false, missing: 'the package cap is missing', code: 'BACKEND_MISSING' },
]
const UNUSABLE: BackendState[] = [
  {
    backend: 'ring',
    usable: false,
    missing: 'capturing needs CAP_NET_RAW; use sudo',
    code: 'CAPTURE_NO_PERMISSION',
  },
  USABLE[1],
]

test('as a table; what is missing only where nothing can be used', () => {
  assert.is(
    interfacesText(LIST, USABLE, 80),
    [
      'interface  state       can be opened  link type   addresses',
      'eth0       up          ring           EN10MB      192.0.2.2/24  2001:db8::2/64',
      'ppp0\\x1B   no carrier  ring           LINUX_SLL2',
      'x          unknown     ring',
      '',
    ].join('\n'),
  )
  const text = interfacesText(LIST, UNUSABLE, 80)
  assert.match(text, /^eth0 +up +no /m)
  assert.match(text, /\n\nring: capturing needs CAP_NET_RAW; use sudo\ncap: the package cap is missing\n$/)
})

test('as lines of JSON', () => {
  assert.equal(JSON.parse(jsonLine(LIST[0], USABLE)), {
    type: 'interface',
    v: 1,
    name: 'eth0',
    state: 'up',
    link_type: 'EN10MB',
    mac: '02:00:00:00:00:01',
    addresses: ['192.0.2.2/24', '2001:db8::2/64'],
    backends: ['ring'],
  })
  const { backends, missing } = JSON.parse(jsonLine(LIST[2], UNUSABLE))
  assert.equal(backends, [])
  assert.equal(missing, ['ring: capturing needs CAP_NET_RAW; use sudo', 'cap: the package cap is missing'])
})

test.run()
