import { spawn } from 'node:child_process'
import { root } from './workspace.ts'

export interface Finished {
  readonly code: number
  /** What it wrote to both streams, in the order in which it came. */
  readonly output: string
}

export interface CommandOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  /** The process is killed after this. */
  readonly timeoutMs?: number
}

/** Runs a command to its end; resolves whatever its exit code is. */
export function run(
  command: string,
  args: readonly string[],
  { cwd = root, env = process.env, timeoutMs = 300_000 }: CommandOptions = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
    })
    const chunks: Buffer[] = []
    child.stdout.on('data', chunk => chunks.push(chunk))
    child.stderr.on('data', chunk => chunks.push(chunk))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      const output = Buffer.concat(chunks).toString()
      resolve({ code: code ?? 1, output: signal ? `${output}\n${command} was ended by ${signal}.` : output })
    })
  })
}
