import type { Column } from '../../driver.ts'
import type { Statements } from '../../statements.ts'

/**
 * SQLite takes anything in any column. What a declaration says is held to all the same, so that what works here works on every
 * engine: lengths of text, and numbers where numbers are declared. Whole numbers have 64 bits unless they are small by name, as
 * `INTEGER` is how SQLite spells all of them.
 */
export async function columnsOf(statements: Statements, table: string): Promise<Column[]> {
  const rows = await statements.query<{ name: string; type: string }>(
    'SELECT name, type FROM pragma_table_info(?)',
    [table],
  )
  return rows.map(({ name, type }) => ({ name, ...declared(type) }))
}

// The order is that of https://sqlite.org/datatype3.html#determination_of_column_affinity.
function declared(type: string): Omit<Column, 'name'> {
  if (/smallint|int2/i.test(type)) return { holds: 'integer', bits: 16 }
  if (/int/i.test(type)) return { holds: 'integer' }
  if (/char|clob|text/i.test(type)) {
    const length = /\((\d+)\)/.exec(type)?.[1]
    return { holds: 'text', length: length ? Number(length) : undefined }
  }
  if (/blob/i.test(type)) return { holds: 'bytes' }
  if (/real|floa|doub/i.test(type)) return { holds: 'real' }
  return { holds: 'other' }
}
