import type { SqlRow, SqlValue } from './sql-value.ts'

export type RowMaker<From = readonly SqlValue[]> = (values: From) => SqlRow

/** Makes rows of the values of these columns. */
export function rowMaker(columns: readonly string[]): RowMaker {
  return makerOf(
    columns,
    columns.map((_, i) => i),
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
function makerOf<From>(columns: readonly string[], places: readonly (number | string)[]): RowMaker<From> {
  // In brackets, as it would set the prototype otherwise. Names are data, and stay so in quotes.
  const fields = columns.map((name, i) => {
    const field = name === '__proto__' ? `['${name}']` : JSON.stringify(name)
    return `${field}: values[${JSON.stringify(places[i])}]`
  })
  try {
    return new Function('values', `return { ${fields.join(', ')} }`) as RowMaker<From>
  } catch {
    // Node was told to generate no code (`--disallow-code-generation-from-strings`).
    return values =>
      Object.fromEntries(columns.map((name, i) => [name, (values as Record<string, SqlValue>)[places[i]!]!]))
  }
}
