import type { PlannedMigration } from '../../persistence/migrator.ts'
import { exitCode } from '../command.ts'
import type { Action } from './action.ts'
import { reach } from './reach.ts'

/** What `up` or `down` would run. */
export const dryRun: Action = {
  options: ['down', 'steps', 'to', 'all'],
  absent: 'empty',
  async run(session, options) {
    const { to } = options
    const planned: (PlannedMigration & { namespace: string })[] = []
    if (options.down) {
      const { namespace, migrator } = session.one()
      const plan = await migrator.plan('down', reach(options))
      planned.push(...plan.map(one => ({ namespace, ...one })))
    } else {
      for (const { namespace, migrator } of to === undefined ? session.chosen : [session.one()]) {
        const plan = await migrator.plan('up', to === undefined ? {} : { to })
        planned.push(...plan.map(one => ({ namespace, ...one })))
      }
    }
    return {
      text: planned.length === 0 ? 'Nothing would run.\n' : planned.map(script).join('\n'),
      data: { ok: true, planned },
      code: exitCode.ok,
    }
  },
}

/** As SQL that can be read, or run by hand. */
function script({
  namespace,
  name,
  direction,
  transaction,
  statements,
}: PlannedMigration & { namespace: string }): string {
  const how = transaction ? 'in one transaction' : 'each statement on its own'
  const body = statements ? statements.map(statement => `${statement};\n`).join('') : '-- code\n'
  return `-- ${namespace} ${name} (${direction}, ${how})\n${body}`
}
