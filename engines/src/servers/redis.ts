import { findProgram } from '../program.ts'
import { converse } from './handshake.ts'
import type { Installation, ServerEngine } from './server.ts'

const port = 6379

export const redis: ServerEngine = {
  name: 'redis',
  title: 'Redis',
  variable: 'PORTOLAN_TEST_REDIS_URL',
  port,
  packages: 'redis-server',
  stopSignal: 'SIGTERM',
  url: at => `redis://127.0.0.1:${at}`,
  version: url => converse(url, { port, greeting: `${login(url)}INFO server\r\n`, read }),
  installation,
}

function login(url: string): string {
  const { username, password } = new URL(url)
  if (password === '') return ''
  return `AUTH ${username === '' ? '' : `${decodeURIComponent(username)} `}${decodeURIComponent(password)}\r\n`
}

function read(answer: Buffer): string | undefined {
  const text = answer.toString('latin1')
  const [, refusal] = /^-(.*)\r\n/m.exec(text) ?? []
  if (refusal !== undefined) throw new Error(refusal)
  if (!/^[+$]/.test(text)) throw new Error('it speaks another protocol')
  const [, version] = /redis_version:(\S+)/.exec(text) ?? []
  return version && `Redis ${version}`
}

function installation(env: NodeJS.ProcessEnv): Installation | undefined {
  const program = findProgram(['redis-server'], env)
  if (program === undefined) return undefined
  return {
    program,
    users: ['redis', 'nobody'],
    serve: (folder, at) => [
      program,
      ...['--port', String(at), '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
      // What it has confirmed is on the disk. Its command line stays what it is, by which it is known.
      ...['--appendonly', 'yes', '--appendfsync', 'always', '--set-proc-title', 'no'],
    ],
  }
}
