/**
 * The flows in which a signature keeps room of its own to join packets (a ClientHello over segments, up to 16 KiB),
 * oldest first. Handshakes that are begun and never finished cost their sender one packet each: beyond a number of
 * them the one begun longest ago gives its room up, and what its first packet told stands.
 */

/** Some 128 MiB when every one has its 16 KiB. */
export const MAX_JOINING = 8192

/** What a signature keeps of a flow, and which signature. */
export interface Joined {
  keeper: number
  scratch: unknown
}

/**
 * A Map grows by copying itself, and an iterator that rests holds every copy since: it is renewed now and then. A new
 * one for every flow would pass over all that went before it.
 */
export class JoiningFlows {
  private readonly flows = new Map<number, Joined>()
  /** It stands at the oldest, past all that went before. */
  private oldest = this.flows.keys()
  private added = 0

  of(handle: number): Joined | undefined {
    return this.flows.get(handle)
  }

  /** The oldest flow gives up its room when there are too many. */
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

  /** The flow has joined what it wanted, or is over. */
  remove(handle: number): void {
    this.flows.delete(handle)
  }
}
