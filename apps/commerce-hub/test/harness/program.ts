import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { until } from './until.ts'

/** A program of the shop in a process of its own, as a user starts it. */
export interface Program extends AsyncDisposable {
  readonly process: ChildProcess
  readonly stdout: string
  readonly stderr: string
  /** Waits until the program has printed something like that. */
  prints(text: RegExp): Promise<RegExpExecArray>
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>
}

export interface ProgramOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** In a process group of its own, which `end` then signals as a whole, as a terminal does. */
  readonly group?: boolean
}

/** `main.ts`, or `replay/main.ts`, with its arguments. */
export function startProgram(main: string, args: readonly string[], options: ProgramOptions): Program {
  const path = fileURLToPath(new URL(`../../src/${main}`, import.meta.url))
  return startCommand(process.execPath, ['--conditions=source', path, ...args], options)
}

export function startCommand(command: string, args: readonly string[], options: ProgramOptions): Program {
  const { cwd, env, group = false } = options
  // Settings of the person who runs the tests must not leak into them.
  const { PATH, HOME, TMPDIR, NODE_COMPILE_CACHE } = process.env
  const child = spawn(command, args, {
    cwd,
    env: { PATH, HOME, TMPDIR, NODE_COMPILE_CACHE, ...env },
    detached: group,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  }
  // `close` comes when the output has been read to its end.
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal)
  let over = false
  void ended.then(() => {
    over = true
  })
  const kill = (signal: NodeJS.Signals) => {
    if (over) return
    if (group) process.kill(-child.pid!, signal)
    else child.kill(signal)
  }
  return {
    process: child,
    get stdout() {
      return output.stdout
    },
    get stderr() {
      return output.stderr
    },
    prints: text =>
      until(() => {
        const found = text.exec(output.stdout + output.stderr)
        if (!found && over)
          throw new Error(`It ended without printing ${text}:\n${output.stdout}${output.stderr}`)
        return found
      }, `${text} in:\n${output.stdout}`),
    ended,
    end(signal) {
      kill(signal)
      return ended
    },
    async [Symbol.asyncDispose]() {
      kill('SIGKILL')
      await ended
    },
  }
}

/** A port that nobody listens on, below those that the system gives out by itself. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    const server = createServer()
    const free = await new Promise<boolean>(resolve => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!free) continue
    await new Promise(resolve => server.close(resolve))
    return port
  }
}
