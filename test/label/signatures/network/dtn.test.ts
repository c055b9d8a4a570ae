import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/network/dtn.ts'
import { bytes, hex, noise, testSignatures } from '../probe.ts'
import { matched, missed } from '../rows.ts'

const test = suite('label/signatures/network/dtn')
const UDP = { protocol: 17 }

/** Count of elements, flags and CRC type as hexadecimal digits, then destination ipn:11111.12345. */
const bundle = (start: string) => bytes(hex(`9f ${start} 8202 82192b67 193039`), noise(40), 0xff)

testSignatures(test, signatures, {
  matches: [
    matched('dtn-bundle', 'contact of version 3', bytes('dtn!', 3, 1, 0, 15, 7, 'ipn:1.0')),
    matched('dtn-bundle', 'contact of version 4', bytes('dtn!', 4, 0)),
    matched('dtn-bundle', 'bundle without a CRC', bundle('88 07 04 00'), UDP),
    matched('dtn-bundle', 'fragment with a CRC', bundle('8b 07 192b57 01'), UDP),
  ],
  misses: [
    missed('contact of version 9', bytes('dtn!', 9, 0)),
    missed('contact with flags that mean nothing', bytes('dtn!', 4, 2)),
    missed('bundle whose count has no place for its CRC', bundle('88 07 04 01'), UDP),
    missed('bundle of version 6', bundle('88 06 04 00'), UDP),
    missed('flags that are no number', bundle('88 07 44 00'), UDP),
    missed('destination of another scheme', bytes(hex('9f 88 07 04 00 8203'), noise(40)), UDP),
    missed('CBOR array', bytes(hex('9f 84 07 04 00 8202'), noise(40)), UDP),
  ],
})
test.run()
