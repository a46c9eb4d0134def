import { quote } from '../../row-source-grammar.ts'
import type { SqlValue } from '../../sql-value.ts'
import type { PgClient, PgResult } from './client.ts'

/** The parts of `pg` that carry what its statements do not. */
interface Wire {
  query(text: string): void
  sendCopyFromChunk(chunk: Uint8Array): void
  endCopyFrom(): void
}

type QueryClass = new (
  statement: { readonly text: string },
  done: (error: Error | null, result: PgResult) => void,
) => object

/**
 * Inserts rows by one `COPY`, which is sent with all of its data: whatever follows on the connection may be sent right behind it, as the
 * server skips the data of a `COPY` that it refuses. Resolves with how many there were.
 */
export async function copyRows(
  client: PgClient,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly SqlValue[])[],
): Promise<number> {
  const text = `COPY ${quote(table)} (${columns.map(quote).join(', ')}) FROM STDIN`
  const data = Buffer.from(rows.map(lineOf).join(''))
  // Only those of its own class can be sent while others wait for their answers.
  const { Query } = client.constructor as unknown as { readonly Query: QueryClass }
  try {
    const { rowCount } = await new Promise<PgResult>((resolve, reject) => {
      const query = new Query({ text }, (error, result) => (error ? reject(error) : resolve(result)))
      const own = {
        submit(wire: Wire) {
          wire.query(text)
          wire.sendCopyFromChunk(data)
          wire.endCopyFrom()
        },
        // It is on its way already.
        handleCopyInResponse() {},
      }
      client.query(Object.assign(query, own) as never)
    })
    return rowCount ?? 0
  } catch (error) {
    throw withLine(error)
  }
}

/** A row in the text format (https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.2). */
function lineOf(row: readonly SqlValue[]): string {
  let line = ''
  for (let i = 0; i < row.length; i++) line += (i > 0 ? '\t' : '') + fieldOf(row[i]!)
  return `${line}\n`
}

function fieldOf(value: SqlValue): string {
  if (value === null) return '\\N'
  if (typeof value === 'string')
    return /[\\\t\n\r]/.test(value) ? value.replace(/[\\\t\n\r]/g, escaped) : value
  return typeof value === 'object' ? `\\\\x${Buffer.from(value).toString('hex')}` : String(value)
}

function escaped(character: string): string {
  switch (character) {
    case '\t':
      return '\\t'
    case '\n':
      return '\\n'
    case '\r':
      return '\\r'
    default:
      return '\\\\'
  }
}

/** As in `COPY carts, line 3: "…"`, or `COPY carts, line 3, column units: "…"`. */
function withLine(error: unknown): unknown {
  const where = error instanceof Error && 'where' in error ? String(error.where) : ''
  const line = /^COPY .*?, line (\d+)/.exec(where)?.[1]
  return line === undefined ? error : Object.assign(error as Error, { line: Number(line) })
}
