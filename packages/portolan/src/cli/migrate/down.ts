import { exitCode } from '../command.ts'
import type { Action } from './action.ts'
import { counted } from './counted.ts'
import { reach } from './reach.ts'

/** Undoes what was applied last. */
export const down: Action = {
  options: ['steps', 'to', 'all'],
  absent: 'refused',
  async run(session, options) {
    const { namespace, migrator } = session.one()
    const undone = await migrator.down(reach(options))
    return {
      text: undone.length === 0 ? 'Nothing to undo.\n' : `Undid ${counted(undone.length, 'migration')}.\n`,
      data: { ok: true, undone: undone.map(name => ({ namespace, name })) },
      code: exitCode.ok,
    }
  },
}
