import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ANOMALY_NAMES } from '../../../src/flow/layout.ts'
import { SOURCES } from '../../../src/label/verdict.ts'
import { ANOMALIES, EVIDENCE_CLASSES, FLOW_ENDS, ORIENTATIONS } from '../../../src/report/explain/words.ts'
import { recordSchema } from '../../../src/report/record/schema.ts'

const test = suite('explain words')

interface Property {
  enum?: string[]
}

function valuesOf(field: string): string[] {
  const { properties } = recordSchema('flow') as { properties: Record<string, Property> }
  return properties[field].enum ?? []
}

test('every anomaly, orientation and end has a sentence', () => {
  assert.equal(Object.keys(ANOMALIES).sort(), [...ANOMALY_NAMES].sort())
  assert.equal(Object.keys(ORIENTATIONS).sort(), valuesOf('orientation').sort())
  assert.equal(Object.keys(FLOW_ENDS).sort(), valuesOf('end_reason').sort())
})

test('evidence is ordered as the verdict orders it', () => {
  assert.equal([...EVIDENCE_CLASSES], [...SOURCES])
})

test.run()
