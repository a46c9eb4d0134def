import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createJobs } from 'portolan/jobs'
import { openDatabase } from 'portolan/persistence'
import { type DatabaseName, freshDatabase, skipWithout } from 'portolan-engines'
import { run } from '../../src/cli/run.ts'

const servers: readonly DatabaseName[] = ['postgres', 'mysql']

let directory = ''
let databases = 0

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'portolan-cli-'))
  await mkdir(join(directory, 'migrations'))
  await write('migrations/0001-plants.sql', 'create table plants (id integer);\n-- down\ndrop table plants;')
  await write(
    'migrations/0002-seeds.mjs',
    `export const up = async database => { await database.execute('insert into plants values (1)') }
export const down = 'delete from plants'`,
  )
  await write('migrations/0003-heights.sql', 'alter table plants add column height integer')
  await write(
    'package.json',
    JSON.stringify({
      type: 'module',
      portolan: { migrations: { folder: 'migrations', namespace: 'garden' } },
    }),
  )
  await write(
    'sets.mjs',
    `export const one = { namespace: 'one', migrations: [{ name: '0001-a', up: 'create table a (id integer)' }] }
export const two = { namespace: 'two', migrations: [{ name: '0001-b', up: 'create table b (id integer)', down: 'drop table b' }] }`,
  )
  await write('list.mjs', `export default [{ name: '0001-c', up: 'create table c (id integer)' }]`)
  await write(
    'broken.mjs',
    `export const list = [{ name: '0001-half', up: \`
    -- no transaction
    create table half (id integer);
    insert into nowhere values (1)\` }]`,
  )
})

after(() => rm(directory, { recursive: true, force: true }))

function write(path: string, text: string): Promise<void> {
  return writeFile(join(directory, path), text)
}

function freshUrl(): string {
  return `sqlite:${join(directory, `${++databases}.db`)}`
}

async function portolan(args: readonly string[], env: Record<string, string> = {}, colours = false) {
  let out = ''
  let error = ''
  const code = await run(['migrate', ...args], {
    out: text => {
      out += text
    },
    error: text => {
      error += text
    },
    colours,
    directory,
    env,
  })
  return { code, out, error }
}

/** Without moments and durations. */
function timeless(text: string): string {
  return text.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'THEN').replaceAll(/\d+ ms/g, 'N ms')
}

async function fromBeginningToEnd(url: string, how = 'in one transaction'): Promise<void> {
  const env = { DATABASE_URL: url }
  const before = await portolan(['status'], env)
  assert.deepEqual(before, {
    code: 0,
    out: 'garden\n  pending  0001-plants\n  pending  0002-seeds\n  pending  0003-heights\n\n3 migrations pending.\n',
    error: '',
  })
  assert.equal((await portolan(['status', '--check'], env)).code, 1)

  const plan = await portolan(['dry-run', '--to', '0002-seeds'], env)
  assert.equal(
    plan.out,
    `-- garden 0001-plants (up, ${how})\ncreate table plants (id integer);\n\n-- garden 0002-seeds (up, ${how})\n-- code\n`,
  )

  const some = await portolan(['up', '--to', '0002-seeds'], env)
  assert.equal(
    timeless(some.out),
    'applied  garden 0001-plants  N ms\napplied  garden 0002-seeds  N ms\nApplied 2 migrations.\n',
  )
  const rest = await portolan(['up', '--json'], env)
  assert.deepEqual(JSON.parse(rest.out), {
    ok: true,
    applied: [{ namespace: 'garden', name: '0003-heights' }],
  })
  assert.equal((await portolan(['up'], env)).out, 'Nothing was pending.\n')
  const status = await portolan(['status', '--check'], env)
  assert.equal(status.code, 0)
  assert.equal(
    timeless(status.out),
    'garden\n  applied  0001-plants   THEN  N ms\n  applied  0002-seeds    THEN  N ms\n  applied  0003-heights  THEN  N ms\n\nNothing is pending.\n',
  )

  const stuck = await portolan(['down', '--all'], env)
  assert.equal(stuck.code, 1)
  assert.match(stuck.error, /'0003-heights' of 'garden' has no `down`/)
  await portolan(['resolve', '0003-heights', '--not-applied'], env)
  assert.equal(
    (await portolan(['dry-run', '--down', '--all'], env)).out,
    `-- garden 0002-seeds (down, ${how})\ndelete from plants;\n\n-- garden 0001-plants (down, ${how})\ndrop table plants;\n`,
  )
  const undone = await portolan(['down', '--to', '0001-plants'], env)
  assert.equal(timeless(undone.out), 'undone   garden 0002-seeds  N ms\nUndid 1 migration.\n')
  await portolan(['down', '--steps', '5'], env)
  const nothing = await portolan(['down', '--json'], env)
  assert.deepEqual(JSON.parse(nothing.out), { ok: true, undone: [] })
}

test('status, dry-run, up and down from beginning to end', () => fromBeginningToEnd(freshUrl()))

for (const server of servers) {
  const skip = await skipWithout(server)
  test(`the same on ${server}`, { skip }, async () => {
    await using fresh = await freshDatabase(server)
    await fromBeginningToEnd(fresh.url, server === 'mysql' ? 'each statement on its own' : undefined)
  })
}

test('a migration that stopped half-way is shown, refused, and resolved', async () => {
  const url = freshUrl()
  const those = ['--database', url, '--module', 'broken.mjs', '--namespace', 'garden']
  const failed = await portolan(['up', ...those])
  assert.equal(failed.code, 1)
  assert.match(
    failed.error,
    /^Statement 2 of migration '0001-half'.*resolve 0001-half --applied --namespace garden/,
  )
  const json = JSON.parse((await portolan(['up', '--json', ...those])).out)
  assert.deepEqual(
    { ok: json.ok, code: json.error.code, statement: json.error.details.statement },
    { ok: false, code: 'precondition_failed', statement: 2 },
  )
  const status = await portolan(['status', ...those], {}, true)
  assert.equal(status.code, 1)
  assert.ok(status.out.includes('\u001B[31m  failed  0001-half'), status.out)
  assert.match(status.out, /up, statement 2, by .*nowhere/)
  const resolved = await portolan(['resolve', '0001-half', '--applied', ...those])
  assert.deepEqual(
    [resolved.code, resolved.out],
    [0, "Migration '0001-half' of 'garden' counts as applied now.\n"],
  )
  assert.match((await portolan(['status', ...those])).out, /applied {2}0001-half .*by hand/)
})

test('a module may hold several namespaces; --namespace picks', async () => {
  const those = ['--database', freshUrl(), '--module', 'sets.mjs']
  assert.equal((await portolan(['up', '--to', '0001-a', ...those])).code, 2)
  assert.match((await portolan(['down', ...those])).error, /Which namespace\? .*one, two/)
  assert.equal((await portolan(['up', ...those])).code, 0)
  const down = await portolan(['down', '--namespace', 'two', ...those])
  assert.equal(timeless(down.out), 'undone   two 0001-b  N ms\nUndid 1 migration.\n')
  const { namespaces } = JSON.parse((await portolan(['status', '--json', ...those])).out)
  assert.deepEqual(
    namespaces.map((one: { namespace: string; migrations: { state: string }[] }) => [
      one.namespace,
      one.migrations[0]!.state,
    ]),
    [
      ['one', 'applied'],
      ['two', 'pending'],
    ],
  )
  const list = await portolan([
    'up',
    '--database',
    freshUrl(),
    '--module',
    'list.mjs',
    '--namespace',
    'three',
  ])
  assert.equal(timeless(list.out), 'applied  three 0001-c  N ms\nApplied 1 migration.\n')
})

test("the library's own tables are shown where they are used, and applied when they are named", async () => {
  const url = freshUrl()
  const env = { DATABASE_URL: url }
  const named = await portolan(['up', '--namespace', 'portolan-jobs'], env)
  assert.match(named.out, /^applied {2}portolan-jobs 0001-/)
  assert.match((await portolan(['status'], env)).out, /\nportolan-jobs\n {2}applied {2}0001-/)
  assert.doesNotMatch((await portolan(['status'], env)).out, /portolan_messaging/)
})

test('a start that must not migrate names the command, which then helps', async () => {
  const url = freshUrl()
  await using database = await openDatabase(url, { migrate: 'refuse' })
  let command = ''
  await assert.rejects(
    async () => createJobs({ database }).start(),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, 'precondition_failed')
      command = /Run: portolan migrate (.*)$/.exec(error.message)?.[1] ?? ''
      return command !== ''
    },
  )
  assert.equal((await portolan(command.split(' '), { DATABASE_URL: url })).code, 0)
  const jobs = createJobs({ database })
  await jobs.start()
  await jobs.stop()
})

test('wrong usage is exit code 2 and says what to write', async () => {
  const url = freshUrl()
  await portolan(['up', '--database', url])
  const wrong: [string[], RegExp][] = [
    [[], /Which action\? There are: status, up, down, dry-run, resolve\./],
    [['statsu', '--database', url], /Did you mean 'status'/],
    [['status'], /Give --database URL, or set DATABASE_URL/],
    [['up', '--steps', '2', '--database', url], /no option --steps/],
    [['up', '0001-plants', '--database', url], /takes no '0001-plants'/],
    [['down', '--steps', 'two', '--database', url], /no whole number/],
    [['down', '--steps', '1', '--all', '--database', url], /one of --steps/],
    [['resolve', '0001-plants', '--database', url], /--applied, or --not-applied/],
    [['resolve', '0001-plants', '--applied', '--not-applied', '--database', url], /--applied, or/],
    [['status', '--folder', 'migrations', '--database', url], /Which namespace/],
    [['status', '--folder', 'migrations', '--module', 'sets.mjs', '--database', url], /not both/],
    [['status', '--module', 'nowhere.mjs', '--database', url], /no module/],
    [['status', '--namespace', 'gardn', '--module', 'sets.mjs', '--database', url], /no namespace 'gardn'/],
  ]
  for (const [args, message] of wrong) {
    const { code, error } = await portolan(args)
    assert.deepEqual([code, message.test(error)], [2, true], `${args.join(' ')}: ${error}`)
    assert.match(error, /portolan migrate --help/)
  }
  const help = await portolan(['--help'])
  assert.match(help.out, /Examples:\n {2}portolan migrate status/)
})

test('a problem is exit code 1, and no secret is shown', async () => {
  const unreachable = await portolan([
    'status',
    '--database',
    'postgres://ann:canary@127.0.0.1:1/shop?start_timeout=1',
  ])
  assert.equal(unreachable.code, 1)
  assert.doesNotMatch(unreachable.out + unreachable.error, /canary/)
  const scheme = await portolan(['status', '--json', '--database', 'nosql://ann:canary@host/shop'])
  assert.equal(scheme.code, 1)
  assert.doesNotMatch(scheme.out + scheme.error, /canary/)
  const unknown = await portolan(['up', '--to', '0009-none', '--database', freshUrl()])
  assert.deepEqual([unknown.code, unknown.error], [1, "'garden' has no migration '0009-none'.\n"])
})

test('to look at a database that is not there, or to undo something in it, makes none', async () => {
  const path = join(directory, 'nowhere', 'garden.db')
  const those = ['--database', `sqlite:${path}`]
  const { code, out } = await portolan(['status', ...those])
  assert.deepEqual([code, out.match(/pending {2}\S+/g)?.length], [0, 3])
  assert.match((await portolan(['dry-run', ...those])).out, /create table plants/)
  const undone = await portolan(['down', ...those])
  assert.equal(undone.code, 1)
  assert.match(undone.error, /There is no database file '.*garden\.db'/)
  assert.ok(!existsSync(join(directory, 'nowhere')))
})
