/** The order of evidence: classes, sums inside a class, vetoes, certainty, candidates. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { lowerOf } from '../../src/certainty.ts'
import { judge, SOURCES, type Weighed } from '../../src/label/verdict.ts'
import type { Certainty, EvidenceSource, Verdict } from '../../src/types.ts'

const test = suite('verdict')

/** "pool framehawk 30 possible" */
function evidence(...lines: string[]): Weighed[] {
  return lines.map((line) => {
    const [source, label, weight, proves] = line.split(' ')
    return {
      source: source as EvidenceSource,
      says: line,
      for: label,
      weight: Number(weight),
      proves: (proves ?? 'unknown') as Certainty,
    }
  })
}

function judged(...lines: string[]): Verdict {
  return judge(evidence(...lines), undefined, true)
}

function outcome(...lines: string[]): string {
  const { label, certainty } = judged(...lines)
  return `${label} ${certainty}`
}

test('nothing is unknown', () => {
  assert.equal(judge([], { status: 'unassigned' }, false), {
    label: 'unknown',
    certainty: 'unknown',
    category: undefined,
    evidence: [],
    registry: { status: 'unassigned' },
  })
})

test('a class outweighs every lower one, whatever the weights', () => {
  assert.equal(SOURCES, ['payload', 'site', 'rule', 'context', 'pool', 'registry'])
  const certainties: Certainty[] = ['likely', 'confirmed', 'possible', 'likely', 'possible', 'possible']
  for (let high = 0; high + 1 < SOURCES.length; high++) {
    const low = high + 1
    const strong = `${SOURCES[low]} low 100 confirmed`
    const weak = `${SOURCES[high]} high 1 ${certainties[high]}`
    assert.is(outcome(strong, weak), `high ${certainties[high]}`, `${SOURCES[high]} over ${SOURCES[low]}`)
  }
})

test('inside a class the sum decides, then the name', () => {
  assert.is(outcome('context a 45 likely', 'context b 30 likely', 'context b 20 likely'), 'b likely')
  assert.is(outcome('context b 45 likely', 'context a 45 likely'), 'a likely')
})

test('certainty is the best of the class that decides: a port adds nothing to it, a doubt takes nothing', () => {
  assert.is(outcome('payload a 40 likely', 'payload a 80 confirmed'), 'a confirmed')
  assert.is(outcome('registry a 15 possible', 'pool a 30 possible'), 'a possible')
  assert.is(outcome('context a 45 possible', 'pool a 30 likely'), 'a possible')
  assert.is(outcome('pool a 30 possible', 'pool a -15 unknown'), 'a possible')
})

test('negative evidence of a higher class vetoes', () => {
  assert.is(outcome('payload a -80', 'site a 90 confirmed', 'pool a 30 possible'), 'unknown unknown')
  assert.is(outcome('payload a -80', 'pool a 30 possible', 'registry b 15 possible'), 'b possible')
  assert.is(outcome('context a -60', 'pool a 30 possible'), 'unknown unknown')
})

test('negative evidence of a lower class does not, nor does what sums up to nothing', () => {
  assert.is(outcome('payload a 40 likely', 'pool a -40'), 'a likely')
  assert.is(outcome('context a 30 likely', 'context a -30', 'pool a 30 possible'), 'a possible')
  assert.is(outcome('pool a 0', 'registry a 15 possible'), 'a possible')
  assert.is(outcome('pool a 0'), 'unknown unknown')
})

test('negative net weight in its own class is a veto too', () => {
  assert.is(outcome('pool a 30 possible', 'pool a -40', 'registry a 15 possible'), 'unknown unknown')
})

test('candidates are the labels that stood and lost, best first', () => {
  const { label, candidates } = judged(
    'registry c 15 possible',
    'pool b 30 possible',
    'payload a 80 confirmed',
    'payload d -80',
    'registry d 15 possible',
  )
  assert.is(label, 'a')
  assert.equal(candidates, [
    { label: 'b', certainty: 'possible', weight: 30 },
    { label: 'c', certainty: 'possible', weight: 15 },
  ])
  assert.not('candidates' in judge(evidence('pool b 30 possible'), undefined, false))
})

test('evidence is kept whatever came of it, strongest first, without what it would prove', () => {
  const { evidence: kept } = judged(
    'registry a 15 possible',
    'pool a -40',
    'payload b 40 likely',
    'pool a 30',
  )
  assert.equal(
    kept.map(({ says }) => says),
    ['payload b 40 likely', 'pool a 30', 'pool a -40', 'registry a 15 possible'],
  )
  assert.equal(Object.keys(kept[0]).sort(), ['for', 'says', 'source', 'weight'])
})

test('names the service group of the label', () => {
  assert.is(judged('payload rdp 80 confirmed').category, 'remote-desktop')
  assert.is(judged('payload no-such-label 80 confirmed').category, undefined)
})

test('the lower of two certainties', () => {
  assert.is(lowerOf('confirmed', 'likely'), 'likely')
  assert.is(lowerOf('possible', 'likely'), 'possible')
  assert.is(lowerOf('unknown', 'confirmed'), 'unknown')
})

test.run()
