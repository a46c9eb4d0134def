import type { Offer, Row, Table } from './rows.ts'

const begin = '<!-- The tables down to the end mark are written by `npm run matrix`, from a real run. -->'
const end = '<!-- end of what `npm run matrix` writes -->'

const cells: Record<Offer, string> = { yes: 'yes', unsupported: '`unsupported`', no: 'no' }

/** The tables as Markdown, one a port. */
export const markdown = (tables: readonly Table[]): string => tables.map(section).join('\n\n')

/** The page with the tables between its marks. */
export function withTables(page: string, tables: readonly Table[]): string {
  const { before, after } = parts(page)
  return `${before}\n\n${markdown(tables)}\n\n${after}`
}

/** The page with these tables in the place of what it has of their ports, or among them; the others stay as they are. */
export function withSomeTables(page: string, tables: readonly Table[]): string {
  const { before, between, after } = parts(page)
  const sections = new Map(
    [...between.split(/^(?=### )/m).filter(text => text.startsWith('### ')), ...tables.map(section)].map(
      text => [text.split('\n', 1)[0]!, text.trim()],
    ),
  )
  const sorted = [...sections].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text)
  return `${before}\n\n${sorted.join('\n\n')}\n\n${after}`
}

function parts(page: string): Readonly<Record<'before' | 'between' | 'after', string>> {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`The page needs the lines\n${begin}\n${end}`)
  const inner = from + begin.length
  return { before: page.slice(0, inner), between: page.slice(inner, to), after: page.slice(to) }
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
