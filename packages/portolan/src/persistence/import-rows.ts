import { InfrastructureError } from '../ports/errors.ts'
import { cancelled } from '../runtime/clock.ts'
import { fault, type SqlValue } from './sql-value.ts'

/** A value for each column, in their order. */
export type ImportedRow = readonly SqlValue[]
export type ImportedRows = Iterable<ImportedRow> | AsyncIterable<ImportedRow>

export interface ImportOptions {
  /** Ends the import with `cancelled`: nothing of it stays. Outside of a unit of work, what runs on the server is ended, too. */
  readonly signal?: AbortSignal
}

/** Rows, and about how many characters, that are held in memory and sent at a time. */
const mostRows = 5_000
const mostRoom = 1_000_000

/**
 * Hands `rows` to `write` in batches, one after the other, the source waiting meanwhile. Resolves with the number of rows.
 *
 * @throws InfrastructureError `invalid_argument` for a row that cannot be stored, with its number; what `write` rejects with, with the
 * number of the row where it is known.
 */
export async function importRows(
  columns: readonly string[],
  rows: ImportedRows,
  write: (batch: readonly ImportedRow[]) => Promise<unknown>,
  signal: AbortSignal | undefined,
): Promise<number> {
  let before = 0
  let room = 0
  let batch: ImportedRow[] = []
  const flush = async () => {
    try {
      await write(batch)
    } catch (error) {
      throw withRow(error, before)
    }
    before += batch.length
    room = 0
    batch = []
  }
  for await (const row of rows) {
    if (signal?.aborted) throw cancelled(signal)
    room += checked(row, columns, before + batch.length + 1)
    batch.push(row)
    if (batch.length === mostRows || room >= mostRoom) await flush()
  }
  if (batch.length > 0) await flush()
  return before
}

/** About how much room the row takes. */
function checked(row: ImportedRow, columns: readonly string[], number: number): number {
  if (row.length !== columns.length) {
    throw new InfrastructureError(
      'invalid_argument',
      `Row ${number} of the import has ${row.length} values for ${columns.length} columns.`,
      { details: { row: number } },
    )
  }
  let room = 0
  for (let i = 0; i < row.length; i++) {
    const value = row[i]
    const reason = fault(value)
    if (reason !== undefined) {
      const column = columns[i]!
      throw new InfrastructureError(
        'invalid_argument',
        `The value for '${column}' in row ${number} of the import ${reason}`,
        { details: { row: number, column } },
      )
    }
    room += typeof value === 'string' || value instanceof Uint8Array ? value.length : 8
  }
  return room
}

/** A driver that knows the line of a batch says so in its error. */
function withRow(error: unknown, before: number): unknown {
  if (!InfrastructureError.is(error)) return error
  const { line } = (error.cause ?? {}) as { line?: unknown }
  if (typeof line !== 'number') return error
  const row = before + line
  const { cause, retry, details } = error
  return new InfrastructureError(error.code, `Row ${row} of the import: ${error.message}`, {
    cause,
    retry,
    details: { ...details, row },
  })
}
