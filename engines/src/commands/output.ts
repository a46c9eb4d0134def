/** Where a command writes: text for people, or with `--json` one object for programs. */
export interface Output {
  /** A line of text. */
  say(line: string): void
  /** The result; shown with `--json` only. */
  result(value: object): void
}

export const textOutput: Output = { say: line => console.log(line), result: () => {} }

export const jsonOutput: Output = {
  say: () => {},
  result: value => console.log(JSON.stringify(value, null, 2)),
}
