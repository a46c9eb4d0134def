import { type ChildProcess, fork } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { InfrastructureError } from 'portolan'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

/** The shop in a process of its own, as it runs in production. */
export interface HubProcess {
  readonly url: string
  /** What it has used since it was last started; nothing where the system does not tell. */
  usage(): Promise<Usage>
  stop(): Promise<void>
}

export interface Usage {
  /** The most memory that it ever held, in MiB. */
  readonly peakMemoryMib?: number
  /** Of all its threads, in its own code and in the system's. */
  readonly cpuSeconds?: number
}

/**
 * As `npm start` runs it. Nurseries of 16 MiB instead of 32, and a heap that is collected when it has doubled since the last time instead of up to
 * four times as large, save the process 170 MiB and cost it a twentieth of its rate at most.
 */
const nodeArguments = ['--conditions=source', '--max-semi-space-size=16', '--heap-growing-percent=100']

/** A shop that something kills again and again as it starts is given up after so many. */
const mostStarts = 5

/**
 * Starts the shop in `folder` with these settings. When it is killed, it is started again on the same port, as a supervisor would
 * do; when it ends by itself, `onFailure` hears of it.
 */
export async function startHub(
  folder: string,
  environment: Readonly<Record<string, string>>,
  onFailure: (error: Error) => void,
): Promise<HubProcess> {
  let stopping = false
  let child: ChildProcess
  let url = ''

  const launch = async (port: string, attempts = mostStarts): Promise<void> => {
    const process = fork(main, {
      // Where no configuration file lies: those of the person's own shop must not leak into this one, nor its environment.
      cwd: folder,
      env: { ...inherited(), ...environment, PORT: port },
      execArgv: nodeArguments,
      // Signals of the terminal are for this process, which then stops the shop in order.
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    child = process
    const started = await ready(process)
    if (started === undefined) {
      if (stopping) return
      if (attempts === 1) throw failed(`was killed ${mostStarts} times while it started`)
      return launch(port, attempts - 1)
    }
    url = started
    process.once('exit', (code, signal) => {
      if (stopping) return
      if (signal) void launch(new URL(url).port).catch(onFailure)
      else onFailure(failed(`ended by itself with exit code ${code}`))
    })
  }

  await launch('0')
  return {
    get url() {
      return url
    },
    usage: () => usageOf(child.pid),
    async stop() {
      stopping = true
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = new Promise(resolve => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** The address of the shop once it is open; `undefined` when it was killed before. */
function ready(process: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    process.once('error', reject)
    const ended = (code: number | null, signal: NodeJS.Signals | null) => {
      if (signal) resolve(undefined)
      else reject(failed(`did not start (exit code ${code})`))
    }
    process.once('exit', ended)
    process.once('message', message => {
      process.off('exit', ended)
      resolve((message as { ready: string }).ready)
    })
  })
}

function failed(how: string): InfrastructureError {
  return new InfrastructureError('unavailable', `The shop ${how}. What it said is above.`)
}

function inherited(): Record<string, string | undefined> {
  const { PATH, HOME, TMPDIR, LANG, TZ, NODE_OPTIONS, NODE_COMPILE_CACHE } = process.env
  return { PATH, HOME, TMPDIR, LANG, TZ, NODE_OPTIONS, NODE_COMPILE_CACHE }
}

/** Linux counts the time of a process in ticks, of which its interfaces always have 100 in a second. */
const ticksPerSecond = 100

async function usageOf(pid: number | undefined): Promise<Usage> {
  const [status, stat] = await Promise.all(
    ['status', 'stat'].map(name => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
  )
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(status!)?.[1]
  // After the name, which may hold anything: utime and stime are the 12th and the 13th (proc_pid_stat(5)).
  const ticks = stat!
    .slice(stat!.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
  return {
    ...(kib !== undefined && { peakMemoryMib: Math.round(Number(kib) / 1024) }),
    ...(ticks.length === 2 && {
      cpuSeconds: ticks.reduce((sum, some) => sum + Number(some), 0) / ticksPerSecond,
    }),
  }
}
