/** The words of a search, in lower case; more than eight would not narrow it down. */
export function searchWords(text = ''): string[] {
  return text.toLowerCase().split(/\s+/).filter(Boolean).slice(0, 8)
}

/** A pattern for `like … escape '!'` that finds the word as it is written, wherever it stands. */
export function containing(word: string): string {
  return `%${word.replace(/[!%_]/g, '!$&')}%`
}
