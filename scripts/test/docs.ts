import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { run } from '../lib/command.ts'
import { count } from '../lib/terminal.ts'
import { bin, filesOf, root } from '../lib/workspace.ts'
import type { Example } from './docs/example.ts'
import { examplesInMarkdown } from './docs/markdown.ts'
import { examplesInSource } from './docs/tsdoc.ts'
import type { Stage } from './stage.ts'

const pages = ['*.md', 'docs/**/*.md', 'packages/*/*.md', 'apps/*/*.md', 'benchmarks/*.md', 'engines/*.md']
const sources = ['packages/*/src/**/*.ts']
/** Inside of the workspace, so that the examples import packages as its own code does; ignored by git. */
const folder = join(root, 'dist/examples')

/** Type-checks every example of the documentation, and runs those that say so. */
export const docs: Stage = {
  name: 'docs',
  async run() {
    const examples = [
      ...filesOf(pages).flatMap(path => examplesInMarkdown(path, textOf(path))),
      ...filesOf(sources).flatMap(path => examplesInSource(path, textOf(path))),
    ]
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    const files = examples.map(write)
    const problems = [...(await typeErrors()), ...(await failures(examples, files))]
    const running = examples.filter(({ runs }) => runs).length
    return {
      ok: problems.length === 0,
      summary: `${count(examples.length, 'example')} checked, ${running} run`,
      details: problems.join('\n'),
    }
  },
}

const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')

function write({ path, line, code }: Example): string {
  const file = join(folder, `${path}.${line}.ts`)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, code)
  return file
}

async function typeErrors(): Promise<string[]> {
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      moduleDetection: 'force',
      noUnusedLocals: false,
      noUnusedParameters: false,
      // A relative import means what it means beside the page.
      rootDirs: [folder, root],
    },
    include: ['./**/*.ts'],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const { code, output } = await run(bin('tsc'), ['--pretty', 'false', '-p', folder])
  // `docs/jobs.md.12.ts(14,3): error …` is line 14 of docs/jobs.md.
  const text = output.replace(/^(?:.*dist\/examples\/)?(.+?)\.\d+\.ts\((\d+),(\d+)\)/gm, '$1:$2:$3').trim()
  return code === 0 ? [] : [text]
}

async function failures(examples: readonly Example[], files: readonly string[]): Promise<string[]> {
  const waiting = examples.flatMap((example, index) =>
    example.runs ? [{ example, file: files[index]! }] : [],
  )
  const failed: string[] = []
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  return failed

  async function work(): Promise<void> {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { path, line } = next.example
      const cwd = mkdtempSync(join(tmpdir(), 'portolan-example-'))
      const args = ['--conditions=source', next.file]
      const { code, output } = await run(process.execPath, args, { cwd, timeoutMs: 60_000 })
      rmSync(cwd, { recursive: true, force: true })
      if (code !== 0) failed.push(`${path}:${line}: exit code ${code}\n${output.trim()}`)
    }
  }
}
