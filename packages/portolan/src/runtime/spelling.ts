/**
 * The one of `candidates` that was probably meant by `word`: a third of its letters may differ. `undefined` when none is near, or when
 * two are equally so.
 */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3))
  let best: string | undefined
  let bestDistance = limit + 1
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    } else if (distance === bestDistance) best = undefined
  }
  return bestDistance <= limit ? best : undefined
}

/** `There is no command 'confg'. Did you mean 'config'? There are: config.` */
export function unknownText(kind: string, name: string, names: readonly string[]): string {
  const near = closest(name, names)
  return `There is no ${kind} '${name}'.${near ? ` Did you mean '${near}'?` : ''} There are: ${names.join(', ') || 'none'}.`
}

/** Insertions, deletions, replacements, and swaps of neighbours (optimal string alignment). */
export function editDistance(left: string, right: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: right.length + 1 }, (_, column) => column)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1]
      let distance = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1))
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1])
        distance = Math.min(distance, beforeLast[column - 2]! + 1)
      current.push(distance)
    }
    beforeLast = last
    last = current
  }
  return last[right.length]!
}
