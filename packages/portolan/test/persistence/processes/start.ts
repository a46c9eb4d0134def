import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A real process that runs one of the scripts of this folder. */
export interface Started {
  readonly child: ChildProcess
  /** The lines that it has written so far. */
  readonly lines: string[]
  /** Resolves with the first line that it writes. */
  readonly ready: Promise<void>
  /** Resolves when it is gone and all that it wrote was read; rejects when it failed by itself. */
  readonly ended: Promise<void>
}

export function start(script: string, ...parameters: string[]): Started {
  const path = new URL(`./${script}.ts`, import.meta.url).pathname
  const child = spawn(process.execPath, ['--conditions=source', path, ...parameters], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  const first = Promise.withResolvers<void>()
  const reader = createInterface({ input: child.stdout! })
  reader.on('line', line => {
    lines.push(line)
    first.resolve()
  })
  const closed = once(child, 'close')
  const ended = (async () => {
    const [code, signal] = (await closed) as [number | null, string | null]
    first.reject(new Error(`${script} ended before it wrote anything.`))
    if (code !== 0 && signal === null) throw new Error(`${script} ended with ${code}.`)
  })()
  first.promise.catch(() => {})
  ended.catch(() => {})
  return { child, lines, ready: first.promise, ended }
}
