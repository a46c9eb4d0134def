import { exitCode } from '../command.ts'
import { markdownTable } from '../table.ts'
import type { ConfigView } from './view.ts'

/** All settings as a Markdown table. Says nothing of this machine: only what the definition says. */
export const docs: ConfigView = {
  parameters: [],
  show({ settings }) {
    const documented = settings.map(({ key, variable, secret, about, allowed, origins }) => ({
      key,
      variable,
      secret,
      about,
      allowed,
      default: origins.find(({ kind }) => kind === 'default')?.value ?? null,
    }))
    const rows = documented.map(({ key, variable, secret, about, allowed, default: standard }) => [
      `\`${variable}\``,
      `\`${key}\``,
      about,
      secret ? `${allowed || 'any'} (secret)` : allowed || 'any',
      standard === null ? '' : `\`${standard}\``,
    ])
    return {
      text: markdownTable(['Variable', 'Key', 'About', 'Allowed', 'Default'], rows),
      data: { settings: documented },
      code: exitCode.ok,
    }
  },
}
