import { exitCode } from '../command.ts'
import type { Action } from './action.ts'
import { counted } from './counted.ts'

/** Applies what is pending. */
export const up: Action = {
  options: ['to'],
  absent: 'made',
  async run(session, { to }) {
    const chosen = to === undefined ? session.chosen : [session.one()]
    const applied: { namespace: string; name: string }[] = []
    for (const { namespace, migrator } of chosen) {
      const report = await migrator.up(to === undefined ? {} : { to })
      applied.push(...report.applied.map(name => ({ namespace, name })))
    }
    return {
      text:
        applied.length === 0
          ? 'Nothing was pending.\n'
          : `Applied ${counted(applied.length, 'migration')}.\n`,
      data: { ok: true, applied },
      code: exitCode.ok,
    }
  },
}
