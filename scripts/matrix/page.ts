import type { Offer, Row, Table } from './rows.ts'

const begin = '<!-- The tables down to the end mark are written by `npm run matrix`, from a real run. -->'
const end = '<!-- end of what `npm run matrix` writes -->'

const cells: Record<Offer, string> = { yes: 'yes', unsupported: '`unsupported`', no: 'no' }

/** The tables as Markdown, one a port. */
export const markdown = (tables: readonly Table[]): string => tables.map(section).join('\n\n')

/** The page with the tables between its marks. */
export function withTables(page: string, tables: readonly Table[]): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`The page needs the lines\n${begin}\n${end}`)
  return `${page.slice(0, from + begin.length)}\n\n${markdown(tables)}\n\n${page.slice(to)}`
}

function section({ port, cases, capabilities, rows }: Table): string {
  const heads = ['Adapter', 'Cases passed', ...capabilities.map(name => `\`${name}\``)]
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const body = rows.map((row: Row) =>
    line([
      row.adapter,
      `${row.passed} of ${cases}`,
      ...capabilities.map(name => cells[row.offers.get(name)!]),
    ]),
  )
  return [`### ${port}`, '', line(heads), `|${'---|'.repeat(heads.length)}`, ...body].join('\n')
}
