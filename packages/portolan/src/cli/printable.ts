/**
 * Text of anybody, as a terminal may show it. Control characters and those that turn the direction of writing are replaced: in the reason
 * of a dead letter, which others can word, they could write over what stands above, or make it look like something else.
 */
export function printable(text: string): string {
  return text.replace(/(?![\n\t])\p{Control}|[\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
}

/** A row of a listing, with text of anybody: it stays one line. */
export function printableRow(cells: readonly string[]): string[] {
  return cells.map(cell => printable(cell).replace(/[\n\t]/g, ' '))
}

/** What a listing shows of a long text. */
export function brief(text: string, most = 120): string {
  return text.length > most ? `${text.slice(0, most - 1).toWellFormed()}…` : text
}
