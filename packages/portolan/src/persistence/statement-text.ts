/** What the text of a statement tells without a parser: enough to route, count and refuse, never to rewrite its meaning. */
export interface StatementFacts {
  readonly placeholders: number
  /** It only reads. When in doubt it is taken for a write, which is slower but never wrong. */
  readonly onlyReads: boolean
  /** It can change rows. */
  readonly changesRows: boolean
  /** It begins or ends a transaction, which is the business of the unit of work. */
  readonly controlsTransaction: boolean
  /** It answers with rows. */
  readonly returnsRows: boolean
  /** It answers with columns whose names no change of the schema can alter: no `*`. */
  readonly namesColumns: boolean
  /** Alone, its commit is told to nobody: see `untold`. */
  readonly untold: boolean
}

/** A `*` that does not multiply what follows: behind one that stands for columns, no number, parameter, text or parenthesis can. */
const allColumns = /(?:^|[\s,.])\*(?!\s*[\d?'(])/

const untoldMark = '/* untold */ '

/**
 * The statement, marked as one whose changes nobody waits for: run alone on a server, it does not wake those who listen for commits, in any
 * process.
 *
 * @example
 * await database.execute(untold('UPDATE visit SET count = count + 1 WHERE page = ?'), [page])
 */
export const untold = (sql: string): string => untoldMark + sql

export function factsOf(sql: string): StatementFacts {
  const text = skeleton(sql)
  const onlyReads =
    /^[\s(]*(?:select|values|explain)\b/i.test(text) ||
    (/^\s*with\b/i.test(text) && !/\b(?:insert|update|delete|replace|merge)\b/i.test(text))
  const returnsRows = onlyReads || /\breturning\b/i.test(text)
  return {
    placeholders: text.split('?').length - 1,
    onlyReads,
    changesRows: !onlyReads && /^\s*(?:insert|update|delete|replace|with)\b/i.test(text),
    controlsTransaction: /^\s*(?:begin|start\s+transaction|commit|end|rollback|savepoint|release)\b/i.test(
      text,
    ),
    returnsRows,
    namesColumns: returnsRows && !allColumns.test(text),
    untold: sql.startsWith(untoldMark),
  }
}

/** Literals, quoted identifiers and comments: the places where `?` and `;` mean nothing. */
export const opaque =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\$(\w*)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\//g

/** The statement without comments, and with nothing in its quotes. */
export function skeleton(sql: string): string {
  return sql.replace(opaque, text => (text.startsWith('--') || text.startsWith('/*') ? ' ' : "''"))
}

/** The statement with `$1`, `$2`, … instead of `?`. */
export function numbered(sql: string): string {
  let count = 0
  // Whole literals and comments match first, so that what stands in them is left alone.
  return sql.replace(new RegExp(`${opaque.source}|\\?`, 'g'), text => (text === '?' ? `$${++count}` : text))
}

// What ends a statement, opens something opaque, or tells that the body of a trigger or routine begins or ends.
const landmarks =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\$(\w*)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\/|;|\bend\s+(?:if|loop|while|repeat|for|case)\b|\b(?:begin|case|end)\b/gi

const routine =
  /^\s*create\s+(?:or\s+replace\s+)?(?:temp\w*\s+)?(?:definer\s*=\s*\S+\s+)?(?:aggregate\s+)?(?:trigger|procedure|function|event)\b/i

/**
 * The statements of a script, without the `;` between them. Bodies of triggers and routines and quoted text stay whole, and so do the
 * comments that MySQL runs.
 */
export function splitStatements(script: string): string[] {
  const statements: string[] = []
  let start = 0
  let depth = 0
  const take = (end: number) => {
    const statement = script.slice(start, end).trim()
    if (skeleton(statement).trim() !== '' || /\/\*M?!/.test(statement)) statements.push(statement)
  }
  const opensRoutine = (end: number) => routine.test(skeleton(script.slice(start, end)))
  for (const { 0: text, index } of script.matchAll(landmarks)) {
    const word = text.toLowerCase()
    if (word === 'begin' || word === 'case') {
      if (depth > 0 || opensRoutine(index)) depth++
    } else if (word === 'end' || /^end\s+case$/.test(word)) {
      if (depth > 0) depth--
    } else if (word === ';' && depth === 0) {
      take(index)
      start = index + 1
    }
  }
  take(script.length)
  return statements
}
