/** JSON with the line of each of its values. */
export interface LocatedJson {
  readonly value: unknown
  /** By path; the path of the whole is empty. */
  lineOf(path: readonly (string | number)[]): number
}

/** What is wrong with a JSON text. Unlike the platform's, its message quotes nothing: the file may hold secrets. */
export class JsonError extends Error {
  readonly line: number

  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}

/** Parses JSON (RFC 8259) and refuses a name that is there twice. */
export function parseLocatedJson(text: string): LocatedJson {
  const lines = new Map<string, number>()
  const token = /\s*(?:([{}[\],:])|("(?:[^"\\\p{Cc}]|\\.)*")|([^\s{}[\],:"]+)|$)/uy
  let current = next()

  const value = read([])
  if (!at('')) fail('expected the end of the file')
  return { value, lineOf: path => lines.get(id(path)) ?? 1 }

  function next(): { text: string; at: number } {
    const from = token.lastIndex
    const match = token.exec(text)
    if (!match) {
      const at = from + text.slice(from).search(/\S/)
      throw new JsonError(lineAt(at), 'there is a text that is not closed, or not escaped')
    }
    const found = match[1] ?? match[2] ?? match[3] ?? ''
    return { text: found, at: token.lastIndex - found.length }
  }

  function at(character: string): boolean {
    return current.text === character
  }

  function skip(): void {
    current = next()
  }

  function read(path: readonly (string | number)[]): unknown {
    lines.set(id(path), lineAt(current.at))
    if (at('{')) return readObject(path)
    if (at('[')) return readArray(path)
    const value = scalar('expected a value: text in double quotes, a number, true, false, null, {…} or […]')
    skip()
    return value
  }

  function scalar(expected: string): unknown {
    try {
      return JSON.parse(current.text)
    } catch {
      return fail(expected)
    }
  }

  function readObject(path: readonly (string | number)[]): object {
    const entries = new Map<string, unknown>()
    skip()
    while (!at('}')) {
      if (entries.size > 0) skip()
      const name = scalar('expected a name in double quotes')
      if (typeof name !== 'string') return fail('expected a name in double quotes')
      if (entries.has(name)) fail(`'${name}' is there twice`)
      skip()
      if (!at(':')) fail("expected ':'")
      skip()
      entries.set(name, read([...path, name]))
      if (!at(',') && !at('}')) fail("expected ',' or '}'")
    }
    skip()
    return Object.fromEntries(entries)
  }

  function readArray(path: readonly (string | number)[]): unknown[] {
    const items: unknown[] = []
    skip()
    while (!at(']')) {
      if (items.length > 0) skip()
      items.push(read([...path, items.length]))
      if (!at(',') && !at(']')) fail("expected ',' or ']'")
    }
    skip()
    return items
  }

  function fail(message: string): never {
    throw new JsonError(lineAt(current.at), message)
  }

  function lineAt(position: number): number {
    let line = 1
    for (let at = text.indexOf('\n'); at !== -1 && at < position; at = text.indexOf('\n', at + 1)) line++
    return line
  }
}

function id(path: readonly (string | number)[]): string {
  return JSON.stringify(path)
}
