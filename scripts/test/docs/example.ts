/** A module of the documentation. */
export interface Example {
  /** The page or source file that holds it, relative to the workspace. */
  readonly path: string
  /** The line on which its code begins. */
  readonly line: number
  /** The code, moved down by blank lines so that every line has the number that it has in its page. */
  readonly code: string
  /** Whether it is run, too. */
  readonly runs: boolean
}

interface Piece {
  readonly line: number
  readonly text: string
}

/** The code of `pieces`, each on the line on which its page has it. */
export function atItsLines(pieces: readonly Piece[]): string {
  let code = ''
  let at = 1
  for (const { line, text } of pieces) {
    code += `${'\n'.repeat(line - at)}${text}\n`
    at = line + text.split('\n').length
  }
  return code
}
