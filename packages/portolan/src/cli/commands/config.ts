import { parseArgs } from 'node:util'
import { readConfig } from '../../config/load.ts'
import { actionNamed } from '../action.ts'
import { type Command, UsageError } from '../command.ts'
import { check } from '../config/check.ts'
import { docs } from '../config/docs.ts'
import { explain } from '../config/explain.ts'
import { print } from '../config/print.ts'
import type { ConfigView } from '../config/view.ts'
import { definitionFrom } from '../definition-module.ts'

const views: Readonly<Record<string, ConfigView>> = { print, explain, check, docs }

/** `portolan config`: shows the configuration as the application would load it, secrets redacted. */
export const config: Command = {
  summary: 'shows, explains and checks the configuration of an application',
  help: `portolan config print            every value, and where it comes from
portolan config explain KEY      one setting: what it is for, what is allowed, what overrides what
portolan config check            every mistake at once; exit code 1 when there is one
portolan config docs             all settings as a Markdown table

Options:
  --module PATH      the module that exports the definition; default: "portolan": { "config": PATH } in package.json
  --directory PATH   where the application is started; default: here
  --file PATH        the configuration file; default: <name>.config.json
  --profile NAME     development, test, production, …; default: PORTOLAN_PROFILE, NODE_ENV, development
  --json             one JSON object on stdout

Examples:
  portolan config print
  portolan config explain DATABASE_URL
  portolan config check --profile production
  portolan config docs --module ./src/config.ts > docs/configuration.md

Exit codes: 0 fine, 1 a problem, 2 wrong usage.
`,
  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        module: { type: 'string' },
        directory: { type: 'string' },
        file: { type: 'string' },
        profile: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    })
    const [name = '', ...rest] = positionals
    const view = actionNamed(views, name)
    if (rest.length !== view.parameters.length)
      throw new UsageError(`Write: portolan config ${[name, ...view.parameters].join(' ')}`)

    const { module, json, directory = terminal.directory, ...sources } = values
    const definition = await definitionFrom(module, terminal.directory)
    const reading = await readConfig(definition, { ...sources, directory, env: terminal.env })
    const { text, data, code } = view.show(reading, rest, terminal.colours)
    terminal.out(json ? `${JSON.stringify(data, null, 2)}\n` : text)
    return code
  },
}
