import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/media/gige-vision.ts'
import { bytes, hex, noise, testSignatures } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/media/gige-vision')
const UDP = { protocol: 17 } as const

const discovery = hex('4201000200000001')

testSignatures(test, signatures, {
  matches: [
    matched('gvcp', 'discovery', discovery, { ...UDP, ...CLIENT }),
    matched('gvcp', 'found', bytes(hex('0000000300080001'), noise(8)), {
      ...UDP,
      ...SERVER,
      peer: discovery,
    }),
  ],
  misses: [
    missed('command without a number', hex('4201000200000000'), UDP),
    missed('answer with another number', bytes(hex('0000000300080002'), noise(8)), {
      ...UDP,
      peer: discovery,
    }),
  ],
})
test.run()
