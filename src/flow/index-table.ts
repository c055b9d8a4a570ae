/**
 * Hash index from key to row: open addressing, linear probing, two words a slot (hash, row + 1; 0 is empty).
 * The hash beside the row keeps most probes from touching the row itself. Removal shifts later entries back,
 * so there are no tombstones and probes stay short whatever the churn.
 */
const FIRST_SLOTS = 1 << 12

export class IndexTable {
  private slots = new Int32Array(FIRST_SLOTS * 2)
  private mask = FIRST_SLOTS - 1
  count = 0

  /** First slot to look at. */
  home(hash: number): number {
    return hash & this.mask
  }

  next(slot: number): number {
    return (slot + 1) & this.mask
  }

  /** Row in the slot, or -1 when it is empty. */
  rowAt(slot: number): number {
    return this.slots[slot * 2 + 1] - 1
  }

  hashAt(slot: number): number {
    return this.slots[slot * 2]
  }

  insert(hash: number, row: number): void {
    if (this.count * 3 >= (this.mask + 1) * 2) this.grow()
    this.place(hash, row + 1)
    this.count++
  }

  remove(hash: number, row: number): void {
    const slots = this.slots
    let hole = hash & this.mask
    while (slots[hole * 2 + 1] !== row + 1) hole = (hole + 1) & this.mask
    for (let slot = (hole + 1) & this.mask; slots[slot * 2 + 1] !== 0; slot = (slot + 1) & this.mask) {
      const home = slots[slot * 2] & this.mask
      if (((slot - home) & this.mask) < ((slot - hole) & this.mask)) continue
      slots[hole * 2] = slots[slot * 2]
      slots[hole * 2 + 1] = slots[slot * 2 + 1]
      hole = slot
    }
    slots[hole * 2 + 1] = 0
    this.count--
  }

  private place(hash: number, stored: number): void {
    let slot = hash & this.mask
    while (this.slots[slot * 2 + 1] !== 0) slot = (slot + 1) & this.mask
    this.slots[slot * 2] = hash
    this.slots[slot * 2 + 1] = stored
  }

  private grow(): void {
    const old = this.slots
    this.slots = new Int32Array(old.length * 2)
    this.mask = old.length - 1
    for (let i = 0; i < old.length; i += 2) if (old[i + 1] !== 0) this.place(old[i], old[i + 1])
  }
}
