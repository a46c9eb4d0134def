import { basename } from 'node:path'
import mysql from 'mysql2/promise'
import { findProgram } from '../program.ts'
import { answerTimeoutMs, type DatabaseEngine, type Installation } from './server.ts'

/** MySQL or MariaDB: the same protocol, and one driver for both. */
export const mysqlOrMariaDb: DatabaseEngine = {
  name: 'mysql',
  title: 'MySQL or MariaDB',
  variable: 'PORTOLAN_TEST_MYSQL_URL',
  port: 3306,
  packages: 'mariadb-server',
  stopSignal: 'SIGTERM',
  url: port => `mysql://root@127.0.0.1:${port}`,
  async version(url) {
    const [row] = await query(url, 'select version() as version')
    const [number, ...suffixes] = String(row?.version).split('-')
    return `${suffixes.includes('MariaDB') ? 'MariaDB' : 'MySQL'} ${number}`
  },
  async createDatabase(url, name) {
    await query(url, `create database ${mysql.escapeId(name)} character set utf8mb4`)
  },
  async dropDatabase(url, name) {
    await query(url, `drop database if exists ${mysql.escapeId(name)}`)
  },
  installation,
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const connection = await mysql.createConnection({ uri: url, connectTimeout: answerTimeoutMs })
  try {
    const [rows] = await connection.query(text)
    return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : []
  } finally {
    // Not `end`: it waits for an answer that a server on its way down does not give.
    connection.destroy()
  }
}

const folders = ['/usr/sbin', '/usr/local/sbin', '/usr/libexec']

function installation(env: NodeJS.ProcessEnv): Installation | undefined {
  const program = findProgram(['mariadbd', 'mysqld'], env, folders)
  if (program === undefined) return undefined
  const mariaDb = basename(program) === 'mariadbd'
  const install = findProgram(['mariadb-install-db'], env, folders)
  if (mariaDb && install === undefined) return undefined
  return {
    program,
    users: ['mysql', 'nobody'],
    initialise: folder =>
      mariaDb
        ? [
            install!,
            ...['--no-defaults', `--datadir=${folder}`, '--auth-root-authentication-method=normal'],
            '--skip-test-db',
          ]
        : [program, '--no-defaults', `--datadir=${folder}`, '--initialize-insecure'],
    serve: (folder, port) => [
      program,
      ...['--no-defaults', `--datadir=${folder}`, `--port=${port}`, '--bind-address=127.0.0.1'],
      // No socket: a path to one may have a hundred characters, and a folder can be deeper than that.
      ...['--socket=', `--pid-file=${folder}/server.pid`, '--skip-log-bin', '--loose-mysqlx=OFF'],
      ...['--character-set-server=utf8mb4', '--max-connections=200', '--innodb-buffer-pool-size=64M'],
    ],
  }
}
