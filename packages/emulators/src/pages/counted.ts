/** `1 charge`, `2,000 charges`. */
export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${plural(count, noun)}`

/** `charge` for one, `charges` for any other number. */
export const plural = (count: number, noun: string): string => (count === 1 ? noun : `${noun}s`)
