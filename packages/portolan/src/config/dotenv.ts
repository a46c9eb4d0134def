export interface DotenvEntry {
  readonly name: string
  readonly value: string
  readonly line: number
}

export interface Dotenv {
  readonly entries: readonly DotenvEntry[]
  /** Lines that were not understood. Their text is not quoted: it may be a secret. */
  readonly mistakes: readonly { readonly line: number; readonly message: string }[]
}

/**
 * Reads a `.env` file: `NAME=value`, with `export` before it or not. `#` begins a comment at the start of a line or after a blank.
 * `'…'` and `` `…` `` are literal; in `"…"`, `\n`, `\r`, `\t`, `\"`, `\\` and `\$` are escapes; all three may go over several lines. Variables are not
 * expanded. When a name comes twice, the last one counts.
 */
export function parseDotenv(text: string): Dotenv {
  const entries: DotenvEntry[] = []
  const mistakes: { line: number; message: string }[] = []
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)

  for (let index = 0; index < lines.length; index++) {
    const line = index + 1
    const content = lines[index]!.trim()
    if (content === '' || content.startsWith('#')) continue
    const match = /^(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*)$/.exec(content)
    if (!match) {
      mistakes.push({
        line,
        message: 'this line is no NAME=value. Write one, or begin it with # for a comment.',
      })
      continue
    }
    const [, name, rest] = match as unknown as [string, string, string]
    const quote = /^["'`]/.exec(rest)?.[0]
    if (!quote) {
      entries.push({ name, value: rest.replace(/(?:^|\s+)#(?:\s.*)?$|\s+#.*$/, '').trim(), line })
      continue
    }
    const quoted = readQuoted(lines, index, quote)
    if ('mistake' in quoted) mistakes.push({ line, message: `${name}: ${quoted.mistake}` })
    else {
      entries.push({ name, value: quote === '"' ? unescaped(quoted.value) : quoted.value, line })
      index = quoted.lastIndex
    }
  }
  return { entries, mistakes }
}

function readQuoted(
  lines: readonly string[],
  from: number,
  quote: string,
): { readonly value: string; readonly lastIndex: number } | { readonly mistake: string } {
  const closing =
    quote === '"' ? /^((?:[^"\\]|\\[\s\S])*)"\s*(.*)$/ : new RegExp(`^([^${quote}]*)${quote}\\s*(.*)$`)
  let text = lines[from]!.slice(lines[from]!.indexOf(quote) + 1)
  for (let index = from; index < lines.length; index++) {
    if (index > from) text += `\n${lines[index]}`
    const match = closing.exec(text)
    if (!match) continue
    if (match[2] === '' || match[2]?.startsWith('#')) return { value: match[1]!, lastIndex: index }
    return { mistake: `there is text after the closing ${quote}.` }
  }
  return { mistake: `the ${quote} that opens here is never closed.` }
}

function unescaped(text: string): string {
  const characters: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }
  return text.replace(/\\([nrt"\\$])/g, (_, character: string) => characters[character] ?? character)
}
