/**
 * A live source that runs periodic work between batches, when the pipeline is idle: whether packets arrive or not.
 */
import type { LiveSource } from '../../capture/live/live-types.ts'
import type { Damage, PacketBatch, PacketSource } from '../../types.ts'

export interface PeriodicWork {
  /** Called after every empty batch. */
  quiet(): Promise<void>
  /** Called between batches. */
  between(): void
  /** The run ends after this many packets. */
  count?: number
}

export class PacedSource implements PacketSource {
  readonly #source: LiveSource
  readonly #work: PeriodicWork
  #left: number

  constructor(source: LiveSource, work: PeriodicWork) {
    this.#source = source
    this.#work = work
    this.#left = work.count ?? Infinity
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
    this.#work.between()
    if (this.#left <= 0) return undefined
    const batch = await this.#source.next()
    if (batch === undefined) return undefined
    if (batch.count === 0) await this.#work.quiet()
    if (batch.count > this.#left) batch.count = this.#left
    this.#left -= batch.count
    return batch
  }

  close(): Promise<void> {
    return this.#source.close()
  }
}
