/**
 * Evidence of flows, kept for the sessions that name them. Sentences repeat from flow to flow: each is kept once, and
 * so is each set of them. Bounded: beyond MAX_SENTENCES the tables are cleared, beyond the given number of flows the
 * oldest are discarded.
 */
import type { Evidence } from '../../types.ts'
import type { PageData, Sentence } from './page-data.ts'

const MAX_SENTENCES = 20_000
const MAX_SETS = 50_000
/** Sentences of one flow or session that are kept, the strongest first as records list them. */
const MAX_SET = 12
export const NO_EVIDENCE = -1

export class EvidenceBook {
  readonly #maxFlows: number
  readonly #flows = new Map<string, number>()
  #sentences: Sentence[] = []
  #sentencePlaces = new Map<string, number>()
  #sets: number[][] = []
  #setPlaces = new Map<string, number>()

  constructor(maxFlows: number) {
    this.#maxFlows = maxFlows
  }

  /** Keeps a flow's evidence for sessions. */
  keep(flowId: string, evidence: readonly Evidence[]): void {
    if (this.#sentences.length >= MAX_SENTENCES || this.#sets.length >= MAX_SETS) this.#forget()
    if (this.#flows.size >= this.#maxFlows) {
      const [oldest] = this.#flows.keys()
      this.#flows.delete(oldest)
    }
    this.#flows.set(flowId, this.set(evidence))
  }

  /** The place of this set of sentences. */
  set(evidence: readonly Evidence[]): number {
    return this.#place(evidence.slice(0, MAX_SET).map((each) => this.#sentence(each)))
  }

  /** The index of the set that holds the evidence of all these flows together. */
  ofFlows(flowIds: readonly string[]): number {
    const places = new Set<number>()
    for (const id of flowIds) {
      const set = this.#flows.get(id)
      if (set !== undefined) for (const place of this.#sets[set]) places.add(place)
    }
    return places.size === 0 ? NO_EVIDENCE : this.#place([...places].slice(0, MAX_SET))
  }

  /** The sentences of a set. */
  sentences(set: number): Sentence[] {
    return set === NO_EVIDENCE ? [] : this.#sets[set].map((place) => this.#sentences[place])
  }

  data(): PageData['evidence'] {
    return { sentences: this.#sentences, sets: this.#sets }
  }

  #sentence({ source, says, for: label, weight }: Evidence): number {
    const key = `${source} ${weight} ${label} ${says}`
    const known = this.#sentencePlaces.get(key)
    if (known !== undefined) return known
    this.#sentencePlaces.set(key, this.#sentences.length)
    return this.#sentences.push({ source, says, for: label, weight }) - 1
  }

  #place(set: number[]): number {
    const key = set.join()
    const known = this.#setPlaces.get(key)
    if (known !== undefined) return known
    this.#setPlaces.set(key, this.#sets.length)
    return this.#sets.push(set) - 1
  }

  #forget(): void {
    this.#flows.clear()
    this.#sentences = []
    this.#sentencePlaces = new Map()
    this.#sets = []
    this.#setPlaces = new Map()
  }
}
