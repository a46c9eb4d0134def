/** Rows as columns of equal width, two blanks between them. The last column is as long as it is. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows)
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length)
    })
  return rows
    .map(row => row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!))))
    .map(row => `${row.join('  ').trimEnd()}\n`)
    .join('')
}

/** Rows as a Markdown table. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map(cell => cell.replace(/\|/g, '\\|').replace(/\s+/g, ' ')).join(' | ')} |\n`
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('')
}
