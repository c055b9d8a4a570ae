import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/finger.ts'
import { bytes, testSignatures } from '../probe.ts'
import { matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/operations/finger')

testSignatures(test, signatures, {
  matches: [
    matched('finger', 'user', bytes('Login: root           \t\t\tName: root\r\n'), {
      ports: [79, 1],
      ...SERVER,
    }),
  ],
  misses: [missed('user on another port', bytes('Login: root \tName: root\r\n'))],
})

test.run()
