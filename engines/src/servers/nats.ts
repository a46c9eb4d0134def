import { findProgram } from '../program.ts'
import { converse } from './handshake.ts'
import type { Installation, ServerEngine } from './server.ts'

const port = 4222

export const nats: ServerEngine = {
  name: 'nats',
  title: 'NATS',
  variable: 'PORTOLAN_TEST_NATS_URL',
  port,
  packages: 'nats-server',
  stopSignal: 'SIGTERM',
  url: at => `nats://127.0.0.1:${at}`,
  version: url => converse(url, { port, read }),
  installation,
}

/** It speaks first, and says what it is. */
function read(answer: Buffer): string | undefined {
  const text = answer.toString()
  if (!text.startsWith('INFO '.slice(0, text.length))) throw new Error('it speaks another protocol')
  const end = text.indexOf('\r\n')
  if (end < 0) return undefined
  const { version, jetstream } = JSON.parse(text.slice('INFO '.length, end)) as {
    version: string
    jetstream?: boolean
  }
  if (!jetstream) throw new Error('it runs without JetStream: start it with -js')
  return `NATS ${version}`
}

function installation(env: NodeJS.ProcessEnv): Installation | undefined {
  const program = findProgram(['nats-server'], env, ['/usr/sbin'])
  if (program === undefined) return undefined
  return {
    program,
    users: ['nats', 'nobody'],
    serve: (folder, at) => [program, '-a', '127.0.0.1', '-p', String(at), '-js', '-sd', folder],
  }
}
