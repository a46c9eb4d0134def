import { join } from 'node:path'
import { run } from '../lib/command.ts'
import { bin, root } from '../lib/workspace.ts'
import type { Stage } from './stage.ts'

/** A stage that is one command; its last line of output is the summary, all of it the details when it fails. */
function command(name: string, executable: string, args: readonly string[]): Stage {
  return {
    name,
    async run() {
      const { code, output } = await run(executable, args)
      const text = output.trim()
      const summary = text.split('\n').at(-1) ?? ''
      return code === 0 ? { ok: true, summary } : { ok: false, summary: `exit code ${code}`, details: text }
    },
  }
}

export const format = command('format', bin('biome'), ['check', '--error-on-warnings', '.'])
export const types = command('types', bin('tsc'), [
  '--noEmit',
  '--pretty',
  String(process.stdout.isTTY === true),
])
export const boundaries = command('boundaries', process.execPath, [join(root, 'scripts/boundaries.ts')])
