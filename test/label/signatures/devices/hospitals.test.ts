import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/devices/hospitals.ts'
import { bytes, noise, testSignatures, u16, u32, zeros } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/devices/hospitals')

const CONTEXT = bytes(0x10, 0, u16(21), '1.2.840.10008.3.1.1.1')
const associate = (type: number, version = 1) =>
  bytes(
    type,
    0,
    u32(68 + CONTEXT.length),
    u16(version),
    u16(0),
    'SRV'.padEnd(16),
    'CLI'.padEnd(16),
    zeros(32),
    CONTEXT,
  )
const data = (context: number, inner = 24) => bytes(4, 0, u32(28), u32(inner), context, 3, noise(22))

testSignatures(test, signatures, {
  matches: [
    matched('dicom', 'association', associate(1), {
      ...CLIENT,
      extras: { dicom: { called_ae: 'SRV', calling_ae: 'CLI' } },
    }),
    matched('dicom', 'accepted', associate(2), SERVER),
    matched('dicom', 'data', data(1)),
    matched('hl7', 'message', bytes('\x0bMSH|^~\\&|A|B\rPID|1\r\x1c\r'), CLIENT),
    matched('hl7', 'acknowledgement', bytes('\x0bMSH|^~\\&|A|B\rMSA|AA|1\r\x1c\r'), SERVER),
  ],
  misses: [
    missed('association of another version', associate(1, 2)),
    missed('association without its context', associate(1).subarray(0, 70)),
    missed('data of an even context', data(2)),
    missed('data of another length', data(1, 23)),
    missed('message without a delimiter', bytes('\x0bMSH ^~\\&')),
  ],
})

test.run()
