/** "Did you mean": the known word that was probably meant. */

const MAX_HINT_LENGTH = 32

/** The known word that differs least from `word`, when it is near enough to be meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > MAX_HINT_LENGTH) return undefined
  const plain = word.toLowerCase().replaceAll('-', '_')
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(plain, candidate.toLowerCase().replaceAll('-', '_'))
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, row[j] + 1, next[j - 1] + 1))
    }
    row = next
  }
  return row[b.length]
}
