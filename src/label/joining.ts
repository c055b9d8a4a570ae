/**
 * The flows in which a signature keeps room of its own to join packets (a ClientHello over segments, up to 16 KiB),
 * oldest first. Handshakes that are begun and never finished cost their sender one packet each: beyond a number of
 * them the one begun longest ago gives its room up, and what its first packet told stands.
 */

/** Some 128 MiB when every one has its 16 KiB. */
export const MAX_JOINING = 8192

/**
 * A Set grows by copying itself, and an iterator that rests holds every copy since: it is renewed now and then. A new
 * one for every flow would pass over all that went before it.
 */
export class JoiningFlows {
  private readonly handles = new Set<number>()
  /** It stands at the oldest, past all that went before. */
  private oldest = this.handles.values()
  private added = 0

  /** Adds a flow; returns the one that must give up its room, or -1. */
  add(handle: number): number {
    const full = this.handles.size >= MAX_JOINING && !this.handles.has(handle)
    const victim = full ? (this.oldest.next().value as number) : -1
    if (full) this.handles.delete(victim)
    this.handles.add(handle)
    if (++this.added % MAX_JOINING === 0) this.oldest = this.handles.values()
    return victim
  }

  /** The flow has joined what it wanted, or is over. Nothing else gives up its room: -1. */
  remove(handle: number): number {
    this.handles.delete(handle)
    return -1
  }
}
