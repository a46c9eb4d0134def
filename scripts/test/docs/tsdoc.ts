import { atItsLines, type Example } from './example.ts'

/**
 * The complete examples of a source file: the `@example` blocks of its doc comments that import what they use. The others are
 * fragments, to be read beside the declaration that they stand at.
 */
export function examplesInSource(path: string, source: string): Example[] {
  const lines = source.split('\n')
  const examples: Example[] = []
  for (let at = 0; at < lines.length; at++) {
    if (!/^\s*\*\s*@example\s*$/.test(lines[at]!)) continue
    const first = at + 1
    let end = first
    while (end < lines.length && !/\*\/|^\s*\*\s*@\w/.test(lines[end]!)) end++
    const text = lines
      .slice(first, end)
      .map(line => line.replace(/^\s*\* ?/, ''))
      .map(line => (line.startsWith('```') ? '' : line))
      .join('\n')
    if (/^import /m.test(text))
      examples.push({ path, line: first + 1, code: atItsLines([{ line: first + 1, text }]), runs: false })
    at = end
  }
  return examples
}
