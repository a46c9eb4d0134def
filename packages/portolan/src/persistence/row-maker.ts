import type { SqlRow, SqlValue } from './sql-value.ts'

export type RowMaker = (values: readonly SqlValue[]) => SqlRow

/**
 * Makes rows of the values of these columns. Code is generated for it, as an object that is written as a literal has its shape at
 * once: filled name by name, it took three times as long, and slowed down whatever reads it.
 */
export function rowMaker(columns: readonly string[]): RowMaker {
  // In brackets, as it would set the prototype otherwise. Names are data, and stay so in quotes.
  const fields = columns.map(
    (name, i) => `${name === '__proto__' ? `['${name}']` : JSON.stringify(name)}: values[${i}]`,
  )
  try {
    return new Function('values', `return { ${fields.join(', ')} }`) as RowMaker
  } catch {
    // Node was told to generate no code (`--disallow-code-generation-from-strings`).
    return values => Object.fromEntries(columns.map((name, i) => [name, values[i]!]))
  }
}
