import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/retrieval.ts'
import { bytes, hex, testSignatures } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/operations/retrieval')
const elements = hex('830200e0 840300c1a2 850404000000 860404000000 9f6e0238319f6f04') // to the name of the program
const init = (tag: number, ...parts: Uint8Array[]) => {
  const body = bytes(...parts, 'YAZ5')
  return bytes(tag, body.length, body)
}

testSignatures(test, signatures, {
  matches: [
    matched('z39-50', 'init', init(0xb4, elements), CLIENT),
    matched('z39-50', 'answer with a reference', init(0xb5, hex('820131'), elements), SERVER),
  ],
  misses: [
    missed('search', init(0xb6, elements)),
    missed('init whose length disagrees', bytes(init(0xb4, elements), 0)),
    missed('init without options', init(0xb4, hex('830200e0'), elements.subarray(9))),
    missed('options without a version', init(0xb4, elements.subarray(4))),
    missed('version longer than any', init(0xb4, hex('8306000000000000'), elements.subarray(4))),
  ],
})
test.run()
