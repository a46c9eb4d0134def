import { InfrastructureError } from '../ports/errors.ts'
import { type Command, exitCode, type Terminal, UsageError } from './command.ts'
import { unknownText } from './unknown.ts'

/** The commands, each loaded when it is called. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  config: async () => (await import('./commands/config.ts')).config,
  'dead-letters': async () => (await import('./commands/dead-letters.ts')).deadLetters,
  groups: async () => (await import('./commands/groups.ts')).groups,
  jobs: async () => (await import('./commands/jobs.ts')).jobs,
  migrate: async () => (await import('./commands/migrate.ts')).migrate,
  outbox: async () => (await import('./commands/outbox.ts')).outbox,
}

/** Runs `portolan` with the arguments after its name; resolves with the exit code. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    terminal.out(await overview())
    return name === undefined ? exitCode.usage : exitCode.ok
  }
  try {
    const load = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (!load) throw new UsageError(unknownText('command', name, Object.keys(commands)))
    const command = await load()
    if (rest.includes('--help') || rest.includes('-h')) {
      terminal.out(command.help)
      return exitCode.ok
    }
    return await command.run(rest, terminal)
  } catch (error) {
    const usage = error instanceof UsageError || isParseArgsError(error)
    if (rest.includes('--json') && InfrastructureError.is(error) && !usage) {
      const { code, message, details } = error
      terminal.out(`${JSON.stringify({ ok: false, error: { code, message, details } }, null, 2)}\n`)
      return exitCode.problem
    }
    terminal.error(`${messageOf(error)}\n`)
    if (usage) terminal.error(`Run 'portolan ${name in commands ? `${name} ` : ''}--help' for examples.\n`)
    return usage ? exitCode.usage : exitCode.problem
  }
}

async function overview(): Promise<string> {
  const lines: string[] = []
  for (const [name, load] of Object.entries(commands))
    lines.push(`  ${name.padEnd(14)}${(await load()).summary}`)
  return `portolan COMMAND [OPTIONS]\n\nCommands:\n${lines.join('\n')}\n\nportolan COMMAND --help shows the options and examples of a command.\n`
}

function isParseArgsError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
}

/** A foreign error comes from the application's own module: its stack says where. */
function messageOf(error: unknown): string {
  if (InfrastructureError.is(error)) return error.message
  // Node goes on to say how a word that begins with a dash is given, which no command takes.
  if (isParseArgsError(error)) return (error as Error).message.replace(/ To specify a positional.*$/s, '')
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
