import { stripVTControlCharacters, styleText } from 'node:util'

/** `text` in a style, where standard output is a terminal that shows it. */
export const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
  styleText(style, text, { stream: process.stdout })

/** Rows in columns as wide as their widest cell. */
export function columns(rows: readonly (readonly string[])[]): string {
  const width = (cell: string) => stripVTControlCharacters(cell).length
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => width(row[column]!))))
  const padded = (cell: string, column: number) => cell + ' '.repeat(widths[column]! - width(cell))
  return rows.map(row => row.map(padded).join('  ').trimEnd()).join('\n')
}

/** Runs `work`; meanwhile standard error says `what`, with the seconds that have passed where it is a terminal. */
export async function waiting<T>(what: string, work: Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) {
    process.stderr.write(`${what} …\n`)
    return work
  }
  const started = performance.now()
  const show = () =>
    process.stderr.write(`\r\u001b[K${what} … ${Math.floor((performance.now() - started) / 1000)} s`)
  show()
  const timer = setInterval(show, 1000)
  try {
    return await work
  } finally {
    clearInterval(timer)
    process.stderr.write('\r\u001b[K')
  }
}
