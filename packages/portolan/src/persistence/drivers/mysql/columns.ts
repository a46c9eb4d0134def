import type { Column } from '../../driver.ts'
import type { Statements } from '../../statements.ts'

interface CatalogueRow {
  readonly name: string
  /** As in `varchar(64)` or `int(10) unsigned`. */
  readonly type: string
}

/** What the catalogue tells of the columns of a table. */
export async function columnsOf(statements: Statements, table: string): Promise<Column[]> {
  const rows = await statements.query<CatalogueRow>(
    `SELECT column_name AS name, column_type AS type FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position`,
    [table],
  )
  return rows.map(({ name, type }) => ({ name, ...declared(type.toLowerCase()) }))
}

function declared(type: string): Omit<Column, 'name'> {
  const [, word, size] = /^(\w+)(?:\((\d+)\))?/.exec(type) ?? []
  if (type.includes('unsigned')) return { holds: 'other' }
  switch (word) {
    case 'char':
    case 'varchar':
      return { holds: 'text', length: Number(size) }
    case 'tinytext':
    case 'text':
    case 'mediumtext':
    case 'longtext':
      // Their limits are bytes, which the server counts.
      return { holds: 'text' }
    case 'smallint':
      return { holds: 'integer', bits: 16 }
    case 'int':
      return { holds: 'integer', bits: 32 }
    case 'bigint':
      return { holds: 'integer' }
    case 'float':
    case 'double':
      return { holds: 'real' }
    case 'binary':
    case 'varbinary':
    case 'tinyblob':
    case 'blob':
    case 'mediumblob':
    case 'longblob':
      return { holds: 'bytes' }
    default:
      return { holds: 'other' }
  }
}
