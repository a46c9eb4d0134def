import { globSync } from 'node:fs'
import { dirname } from 'node:path'
import pg from 'pg'
import { findProgram } from '../program.ts'
import { answerTimeoutMs, type DatabaseEngine, type Installation } from './server.ts'

export const postgres: DatabaseEngine = {
  name: 'postgres',
  title: 'PostgreSQL',
  variable: 'PORTOLAN_TEST_POSTGRES_URL',
  port: 5432,
  packages: 'postgresql',
  stopSignal: 'SIGINT',
  url: port => `postgres://postgres@127.0.0.1:${port}/postgres`,
  async version(url) {
    const [row] = await query(url, 'show server_version')
    return `PostgreSQL ${String(row?.server_version).split(' ')[0]}`
  },
  async createDatabase(url, name) {
    // template1 cannot be copied while somebody is connected to it; nobody can be to template0.
    await query(url, `create database ${pg.escapeIdentifier(name)} template template0 encoding 'UTF8'`)
  },
  async dropDatabase(url, name) {
    await query(url, `drop database if exists ${pg.escapeIdentifier(name)} with (force)`)
  },
  installation,
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: answerTimeoutMs })
  // Without a listener, a server that goes away would end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end()
  }
}

/** Debian keeps the server's programs out of the path, a folder for each major version. */
function installation(env: NodeJS.ProcessEnv): Installation | undefined {
  const versions = globSync('/usr/lib/postgresql/*/bin').sort((a, b) => major(b) - major(a))
  const program = findProgram(['postgres'], env, versions)
  if (program === undefined) return undefined
  const initdb = findProgram(['initdb'], { PATH: dirname(program) })
  if (initdb === undefined) return undefined
  return {
    program,
    users: ['postgres', 'nobody'],
    // What is lost of an empty server when the machine crashes can be made again: the disk need not be waited for.
    initialise: folder => [
      initdb,
      ...['-D', folder, '--username=postgres', '--auth=trust', '--encoding=UTF8', '--no-locale', '--no-sync'],
    ],
    serve: (folder, port) => [
      program,
      ...['-D', folder, '-p', String(port), '-h', '127.0.0.1', '-k', '', '-c', 'max_connections=200'],
    ],
  }
}

const major = (path: string): number => Number(path.split('/').at(-2))
