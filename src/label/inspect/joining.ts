/**
 * Reassembly buffers of signatures (a ClientHello over several segments, up to 16 KiB), by flow, oldest first. An
 * attacker can begin a handshake with one packet and never finish it: beyond MAX_JOINING buffers the oldest is dropped,
 * and only what its first packet showed is kept.
 */

/** Some 128 MiB when every one has its 16 KiB. */
export const MAX_JOINING = 8192

/** `keeper`: index of the signature; `scratch`: its own buffer. */
export interface KeptScratch {
  keeper: number
  scratch: unknown
}

/**
 * The oldest key comes from one long-lived iterator: a new one for every flow would have to skip all deleted keys. But a
 * Map grows by copying itself, and an old iterator keeps every copy alive, so it is renewed now and then.
 */
export class JoiningFlows {
  private readonly flows = new Map<number, KeptScratch>()
  /** Yields the oldest flow next. */
  private oldest = this.flows.keys()
  private added = 0

  of(handle: number): KeptScratch | undefined {
    return this.flows.get(handle)
  }

  /** Drops the oldest buffer when there are too many. */
  keep(handle: number, keeper: number, scratch: unknown): void {
    const known = this.flows.get(handle)
    if (known !== undefined) {
      known.keeper = keeper
      known.scratch = scratch
      return
    }
    if (this.flows.size >= MAX_JOINING) this.flows.delete(this.oldest.next().value as number)
    this.flows.set(handle, { keeper, scratch })
    if (++this.added % MAX_JOINING === 0) this.oldest = this.flows.keys()
  }

  /** The message is complete, or the flow is over. */
  remove(handle: number): void {
    this.flows.delete(handle)
  }
}
