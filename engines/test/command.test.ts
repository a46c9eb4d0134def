import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { remove } from '../src/own/place.ts'
import { freePort } from '../src/own/port.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** The command, as it is without a terminal. */
function engines(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=source', main, ...args], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

const elsewhere = async () => ({
  PORTOLAN_TEST_POSTGRES_URL: `postgres://joe:s3cret@127.0.0.1:${await freePort()}/shop`,
})

test('status shows a server that does not answer, says what to do, and exits with 1', async () => {
  const { status, stdout, stderr } = engines(['status', 'postgres'], await elsewhere())
  assert.equal(status, 1)
  assert.match(stdout, /^ENGINE +FOUND +VERSION +WHERE\npostgres +not found\n/)
  assert.match(stdout, /PORTOLAN_TEST_POSTGRES_URL names, does not answer as PostgreSQL should/)
  assert.equal(stderr, '')
  assert.doesNotMatch(stdout, /s3cret/)
  assert.equal(stdout, stripVTControlCharacters(stdout))
})

test('status --json prints one object, and those engines only that were named', async () => {
  const { status, stdout } = engines(['status', 'postgres', '--json'], await elsewhere())
  assert.equal(status, 1)
  const { engines: listed } = JSON.parse(stdout) as { engines: { name: string; usable: boolean }[] }
  assert.deepEqual(
    listed.map(({ name, usable }) => [name, usable]),
    [['postgres', false]],
  )
})

test('up does not start a server beside the one that the environment names', async () => {
  const { status, stdout, stderr } = engines(['up', 'postgres'], await elsewhere())
  assert.equal(status, 1)
  assert.equal(stdout, '')
  assert.match(stderr, /^There is no postgres to use: .*unset PORTOLAN_TEST_POSTGRES_URL/)
})

test('up says how to get what is not installed', () => {
  const { status, stderr } = engines(['up', 'chromium'], {
    PATH: '/nowhere',
    PORTOLAN_TEST_CHROMIUM: '/nowhere',
  })
  assert.equal(status, 1)
  assert.match(stderr, /apt-get install chromium/)
})

test('what no package has is downloaded, or it is said what that takes', async t => {
  const cache = mkdtempSync(join(tmpdir(), 'portolan-cache-'))
  t.after(() => remove(cache))
  const env = { XDG_CACHE_HOME: cache, PORTOLAN_TEST_KAFKA_URL: '', PATH: '/nowhere', JAVA_HOME: '' }
  const without = engines(['fetch', 'kafka'], env)
  assert.equal(without.status, 1)
  assert.match(without.stderr, /kafka cannot be downloaded: .*apt-get install openjdk/)
  const java = join(cache, 'java')
  writeFileSync(java, '', { mode: 0o755 })
  const { status, stderr } = engines(['fetch', 'kafka'], { ...env, PATH: cache })
  assert.equal(status, 1)
  assert.match(stderr, /kafka cannot be downloaded: .*apt-get install maven/)
  assert.deepEqual(JSON.parse(engines(['fetch', 'postgres', '--json']).stdout), { fetched: [] })
})

test('--help explains, and a command line that cannot be followed exits with 2', () => {
  const help = engines(['--help'])
  assert.equal(help.status, 0)
  assert.match(help.stdout, /^ {2}npm run engines -- status\|up/m)
  assert.match(help.stdout, /^Examples:$/m)
  for (const [args, message] of [
    [[], /^Say what to do/],
    [['start'], /^There is no command 'start'/],
    [['up', 'oracle'], /^There is no engine 'oracle', but: chromium, postgres, mysql/],
    [['up', '--force'], /--force/],
  ] as const) {
    const { status, stdout, stderr } = engines(args)
    assert.equal(status, 2)
    assert.equal(stdout, '')
    assert.match(stderr, message)
    assert.match(stderr, /\nSee npm run engines -- --help\.\n$/)
  }
})
