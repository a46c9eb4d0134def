import { atItsLines, type Example } from './example.ts'

interface Block {
  readonly line: number
  readonly text: string
  readonly marks: readonly string[]
}

const known = ['run', 'continues']

/** The examples of a page: its fenced `ts` blocks, each a module unless it continues the one before it. */
export function examplesInMarkdown(path: string, page: string): Example[] {
  const modules: Block[][] = []
  for (const block of blocksOf(page)) {
    const unknown = block.marks.find(mark => !known.includes(mark))
    if (unknown)
      throw new Error(`${path}:${block.line - 1}: 'ts ${unknown}' is none of: ts, ts run, ts continues.`)
    if (!block.marks.includes('continues')) modules.push([block])
    else if (modules.length > 0) modules.at(-1)!.push(block)
    else throw new Error(`${path}:${block.line - 1}: there is no block before it to continue.`)
  }
  return modules.map(blocks => ({
    path,
    line: blocks[0]!.line,
    code: atItsLines(blocks),
    runs: blocks.some(({ marks }) => marks.includes('run')),
  }))
}

function* blocksOf(page: string): Generator<Block> {
  const lines = page.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const opening = /^\s*(`{3,}|~{3,})\s*(.*)$/.exec(lines[at]!)
    if (!opening) continue
    const [, fence, info] = opening
    const start = at + 1
    while (at + 1 < lines.length && !lines[at + 1]!.trim().startsWith(fence!)) at++
    const [language, ...marks] = info!.trim().split(/\s+/)
    if (language === 'ts') yield { line: start + 1, text: lines.slice(start, at + 1).join('\n'), marks }
    at++
  }
}
