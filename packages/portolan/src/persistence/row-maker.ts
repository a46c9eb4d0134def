import type { SqlRow, SqlValue } from './sql-value.ts'

export type RowMaker<From = readonly SqlValue[]> = (values: From) => SqlRow

/** Makes rows of the values of these columns. */
export function rowMaker(columns: readonly string[]): RowMaker {
  return makerOf(
    columns,
    columns.map((_, i) => i),
  )
}

/** How the text of a value is read; `undefined` where it is the value. */
export type TextReader = ((text: string) => SqlValue) | undefined

/** Makes rows of texts, as PostgreSQL sends them. */
export type TextRowMaker = RowMaker<readonly (string | null)[]>

/** Makes rows of the texts of these columns. */
export function rowReader(columns: readonly string[], readers: readonly TextReader[]): TextRowMaker {
  return makerOf(
    columns,
    columns.map((_, i) => i),
    readers,
  )
}

/** Makes rows of parts of others: each of `columns` has the value that another one has by the name in the same place of `names`. */
export function partMaker(columns: readonly string[], names: readonly string[]): RowMaker<SqlRow> {
  return makerOf(columns, names)
}

/**
 * Code is generated for it, as an object that is written as a literal has its shape at once: filled name by name, it took three times
 * as long, and slowed down whatever reads it.
 */
function makerOf<From>(
  columns: readonly string[],
  places: readonly (number | string)[],
  readers: readonly TextReader[] = [],
): RowMaker<From> {
  // In brackets, as it would set the prototype otherwise. Names are data, and stay so in quotes.
  const fields = columns.map((name, i) => {
    const field = name === '__proto__' ? `['${name}']` : JSON.stringify(name)
    const value = `values[${JSON.stringify(places[i])}]`
    return `${field}: ${readers[i] ? `${value} === null ? null : read${i}(${value})` : value}`
  })
  try {
    const names = readers.map((_, i) => `read${i}`)
    return new Function(...names, `return values => ({ ${fields.join(', ')} })`)(...readers)
  } catch {
    // Node was told to generate no code (`--disallow-code-generation-from-strings`).
    return values =>
      Object.fromEntries(columns.map((name, i) => [name, valueAt(values, places[i]!, readers[i])]))
  }
}

function valueAt(values: unknown, place: number | string, read: TextReader): SqlValue {
  const value = (values as Record<string, SqlValue>)[place]!
  return read && value !== null ? read(value as string) : value
}
