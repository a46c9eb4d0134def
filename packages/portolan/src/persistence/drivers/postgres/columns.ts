import type { Column } from '../../driver.ts'
import { quote } from '../../row-source-grammar.ts'
import type { Statements } from '../../statements.ts'

interface CatalogueRow {
  readonly name: string
  readonly type: string
  readonly length: number | null
}

/** What the catalogue tells of the columns of a table. */
export async function columnsOf(statements: Statements, table: string): Promise<Column[]> {
  const rows = await statements.query<CatalogueRow>(
    // A length is stored with four bytes more than it says.
    `SELECT a.attname AS name, t.typname AS type, CASE WHEN a.atttypmod > 4 THEN a.atttypmod - 4 END AS length
     FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
     WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped
     ORDER BY a.attnum`,
    [quote(table)],
  )
  return rows.map(({ name, type, length }) => ({ name, ...declared(type, length) }))
}

function declared(type: string, length: number | null): Omit<Column, 'name'> {
  switch (type) {
    case 'text':
    case 'varchar':
    case 'bpchar':
      return { holds: 'text', length: type === 'text' || length === null ? undefined : length }
    case 'int2':
      return { holds: 'integer', bits: 16 }
    case 'int4':
      return { holds: 'integer', bits: 32 }
    case 'int8':
      return { holds: 'integer' }
    case 'float4':
    case 'float8':
      return { holds: 'real' }
    case 'bytea':
      return { holds: 'bytes' }
    default:
      return { holds: 'other' }
  }
}
