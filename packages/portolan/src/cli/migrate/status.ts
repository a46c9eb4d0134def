import type { MigrationState, MigrationStatus } from '../../persistence/migrator.ts'
import { faint, red } from '../colour.ts'
import { exitCode } from '../command.ts'
import { table } from '../table.ts'
import type { Action } from './action.ts'
import { counted } from './counted.ts'

const wrong: readonly MigrationState[] = ['failed', 'edited', 'missing', 'out_of_order']

/** How every migration stands. */
export const status: Action = {
  options: ['check'],
  absent: 'empty',
  async run({ chosen }, { check, colours }) {
    const namespaces = await Promise.all(
      chosen.map(async ({ namespace, migrator }) => ({ namespace, migrations: await migrator.status() })),
    )
    const all = namespaces.flatMap(({ migrations }) => migrations)
    const pending = all.filter(({ state }) => state === 'pending').length
    const problems = all.filter(({ state }) => wrong.includes(state)).length
    const text = namespaces.map(({ namespace, migrations }) => `${namespace}\n${rows(migrations, colours)}\n`)
    return {
      text: `${text.join('')}${verdict(pending, problems, colours)}\n`,
      data: { ok: problems === 0, pending, problems, namespaces },
      code: problems > 0 || (check && pending > 0) ? exitCode.problem : exitCode.ok,
    }
  },
}

function rows(migrations: readonly MigrationStatus[], colours: boolean): string {
  if (migrations.length === 0) return faint('  no migrations\n', colours)
  const lines = table(migrations.map(one => ['', one.state.replaceAll('_', ' '), one.name, ...facts(one)]))
  return lines
    .split('\n')
    .map((line, index) => painted(line, migrations[index]?.state, colours))
    .join('\n')
}

function painted(line: string, state: MigrationState | undefined, colours: boolean): string {
  if (state === 'applied') return faint(line, colours)
  return state !== undefined && wrong.includes(state) ? red(line, colours) : line
}

function facts({ appliedAt, durationMs, run }: MigrationStatus): string[] {
  if (run) {
    const place = run.statement > 0 ? `statement ${run.statement}` : 'code'
    const state = run.failure ?? `last sign of life ${moment(run.aliveAt)}`
    return [moment(run.startedAt), '', `${run.direction}, ${place}, by ${run.owner}: ${state}`]
  }
  if (!appliedAt) return []
  return [moment(appliedAt), durationMs === undefined ? 'by hand' : `${durationMs} ms`]
}

function moment(at: Date): string {
  return at.toISOString().slice(0, 19).replace('T', ' ')
}

function verdict(pending: number, problems: number, colours: boolean): string {
  if (problems > 0) {
    const text = `${counted(problems, 'problem')}. 'portolan migrate dry-run' says what to do.`
    return red(text, colours)
  }
  return pending === 0 ? 'Nothing is pending.' : `${counted(pending, 'migration')} pending.`
}
