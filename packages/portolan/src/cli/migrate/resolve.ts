import { exitCode, UsageError } from '../command.ts'
import type { Action } from './action.ts'

/** Notes how a migration stands, and runs nothing. */
export const resolve: Action = {
  options: ['applied', 'not-applied'],
  absent: 'made',
  async run(session, { names, applied, notApplied }) {
    const [name, ...more] = names
    if (name === undefined || more.length > 0 || applied === notApplied)
      throw new UsageError('Write: portolan migrate resolve NAME --applied, or --not-applied')
    const { namespace, migrator } = session.one()
    await migrator.resolve(name, applied ? 'applied' : 'not_applied')
    const state = applied ? 'applied' : 'not applied'
    return {
      text: `Migration '${name}' of '${namespace}' counts as ${state} now.\n`,
      data: { ok: true, namespace, name, applied },
      code: exitCode.ok,
    }
  },
}
