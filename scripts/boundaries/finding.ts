import ts from 'typescript'

/** Something that a check objects to, at a place that an editor can open. */
export interface Finding {
  readonly at: string
  readonly says: string
}

/** A check that reads one file at a time, and samples that it must object to. */
export interface FileCheck {
  readonly name: string
  /** Which files it reads, as globs from the root. */
  readonly files: readonly string[]
  /** Which of them may do it. */
  readonly except: readonly string[]
  inspect(source: ts.SourceFile): Iterable<{ readonly node: ts.Node; readonly says: string }>
  /** Each must be objected to, line by line. */
  readonly planted: string
  /** Must pass. */
  readonly innocent: string
}

/** What `check` finds in the text of one file. */
export function findings(check: FileCheck, path: string, text: string): Finding[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  return [...check.inspect(source)].map(({ node, says }) => {
    const { line, character } = source.getLineAndCharacterOfPosition(node.getStart(source))
    return { at: `${path}:${line + 1}:${character + 1}`, says }
  })
}

/** What `check` fails to see in its own samples, or sees in the innocent ones. */
export function unproven(check: FileCheck): string[] {
  const seen = findings(check, 'planted.ts', check.planted)
  const missed = check.planted
    .split('\n')
    .filter((_, index) => !seen.some(({ at }) => at.startsWith(`planted.ts:${index + 1}:`)))
  const wrong = findings(check, 'innocent.ts', check.innocent)
  return [
    ...missed.map(line => `${check.name}: a planted violation was not reported: ${line}`),
    ...wrong.map(({ at, says }) => `${check.name}: reports what is innocent: ${at} ${says}`),
  ]
}

/** Every node of a tree, parents first. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node
  const children: ts.Node[] = []
  ts.forEachChild(node, child => {
    children.push(child)
  })
  for (const child of children) yield* nodesOf(child)
}
