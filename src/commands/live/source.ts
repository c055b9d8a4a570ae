/**
 * A live source between the interface and the pipeline: what has to happen now and then while packets come, or do
 * not, happens here, between batches, when the pipeline is at rest.
 */
import type { LiveSource } from '../../capture/live/live-types.ts'
import type { Damage, PacketBatch, PacketSource } from '../../types.ts'

export interface Pace {
  /** Called after every batch that brought nothing. */
  quiet(): Promise<void>
  /** Called between batches. */
  between(): void
  /** The run ends after so many packets. */
  count?: number
}

export class PacedSource implements PacketSource {
  readonly #source: LiveSource
  readonly #pace: Pace
  #left: number

  constructor(source: LiveSource, pace: Pace) {
    this.#source = source
    this.#pace = pace
    this.#left = pace.count ?? Infinity
  }

  get info(): LiveSource['info'] {
    return this.#source.info
  }

  get damage(): readonly Damage[] {
    return this.#source.damage
  }

  get dropped(): LiveSource['dropped'] {
    return this.#source.dropped
  }

  async next(): Promise<PacketBatch | undefined> {
    this.#pace.between()
    if (this.#left <= 0) return undefined
    const batch = await this.#source.next()
    if (batch === undefined) return undefined
    if (batch.count === 0) await this.#pace.quiet()
    if (batch.count > this.#left) batch.count = this.#left
    this.#left -= batch.count
    return batch
  }

  close(): Promise<void> {
    return this.#source.close()
  }
}
