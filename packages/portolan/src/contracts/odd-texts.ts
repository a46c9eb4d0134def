/** Texts that some engine might not tell apart, or not store: as names and keys. */
const odd = [
  ...['', ' ', 'a', 'A', 'á', 'a\u0301', 'ß', 'ss', '\0', '\n'],
  ...[':', '/', '%', "'", '"', '\\', '*', '😀'],
  // Halves of characters, and what they may be taken for.
  ...['\ud83d', '\ude00', '"\\ud83d"', '\ufffd'],
]
const long = 'x'.repeat(10_000)

export const oddTexts: readonly string[] = [...odd, long, `${long}x`]
