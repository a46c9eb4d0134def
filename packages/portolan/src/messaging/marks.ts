/** The parameters of a list: `?, ?, ?`. For few values, whose number hardly changes; a grammar's `lists` is for many. */
export function marks(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ')
}
