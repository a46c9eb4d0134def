import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { loadMigrations, openDatabase } from 'portolan/persistence'
import { temporaryFolder } from './temporary.ts'

test('the files of a folder become migrations in their order, split where they say down', async () => {
  using folder = temporaryFolder()
  writeFileSync(
    folder.file('0002-b.sql'),
    '\n-- UP\ncreate table b (n integer);\n  -- down  \ndrop table b;\n',
  )
  writeFileSync(folder.file('0001-a.sql'), '-- a table\ncreate table a (n integer);')
  writeFileSync(folder.file('0003-c.sql'), '-- no transaction\r\n-- up\r\nselect 1;\r\n-- down\r\nselect 2;')
  writeFileSync(folder.file('readme.md'), 'not one')
  writeFileSync(folder.file('0001-a.d.ts'), 'nor this')
  mkdirSync(folder.file('0004-folder.sql'))
  assert.deepEqual(await loadMigrations(folder.path), [
    { name: '0001-a', up: '-- a table\ncreate table a (n integer);' },
    { name: '0002-b', up: 'create table b (n integer);', down: 'drop table b;' },
    { name: '0003-c', up: '-- no transaction\nselect 1;', down: 'select 2;' },
  ])
})

test('files for single engines become the steps of one migration; one without an engine is for the others', async () => {
  using folder = temporaryFolder()
  writeFileSync(folder.file('0001-a.postgres.sql'), 'select 1\n-- down\nselect 2')
  writeFileSync(folder.file('0001-a.mysql.sql'), 'select 3')
  writeFileSync(folder.file('0001-a.sql'), 'select 4\n-- down\nselect 5')
  writeFileSync(folder.file('0002-b.sqlite.sql'), 'select 6')
  writeFileSync(folder.file('v1.3-c.sql'), 'select 7')
  assert.deepEqual(await loadMigrations(folder.path), [
    {
      name: '0001-a',
      up: { sqlite: 'select 4', postgres: 'select 1', mysql: 'select 3' },
      down: { sqlite: 'select 5', postgres: 'select 2' },
    },
    { name: '0002-b', up: { sqlite: 'select 6' } },
    { name: 'v1.3-c', up: 'select 7' },
  ])
})

test('modules export a migration part by part, or as a whole', async () => {
  using folder = temporaryFolder()
  writeFileSync(
    folder.file('0001-a.ts'),
    `import type { Statements } from 'portolan/persistence'
export async function up(database: Statements): Promise<void> {
  await database.execute('create table a (n integer)')
}
export const down = 'drop table a'
export const transaction = false`,
  )
  writeFileSync(
    folder.file('0002-b.mjs'),
    `export default { name: '0002-b', up: { sqlite: 'insert into a values (1)', mysql: async () => {} } }`,
  )
  const [a, b] = await loadMigrations(folder.path)
  assert.deepEqual([a!.name, a!.down, a!.transaction], ['0001-a', 'drop table a', false])
  assert.deepEqual([b!.name, b!.down, b!.transaction], ['0002-b', undefined, undefined])
  await using database = await openDatabase('sqlite::memory:')
  await database.migrate('garden', [a!, b!])
  assert.deepEqual(await database.query('SELECT n FROM a'), [{ n: 1 }])
})

test('code is checksummed by its file, whatever its line ends are', async () => {
  const checksum = async (file: string, text: string) => {
    using folder = temporaryFolder()
    writeFileSync(folder.file(file), text)
    return (await loadMigrations(folder.path))[0]!.checksum
  }
  const text = 'export const up = async () => {}\nexport const down = async () => {}\n'
  const one = await checksum('0001-a.mjs', text)
  assert.match(one ?? '', /^file:[0-9a-f]{64}$/)
  assert.equal(await checksum('0001-a.mjs', text.replaceAll('\n', '\r\n')), one)
  assert.notEqual(await checksum('0001-a.mjs', `// edited\n${text}`), one)
})

test('a file that is no migration is an error that names it', async () => {
  const wrong: [string, string | Uint8Array, RegExp][] = [
    ['0001-a.sql', '-- up\n-- down\ndrop table a', /no statements to apply/],
    ['0001-a.sql', '-- only a comment', /no statements to apply/],
    ['0001-a.sql', 'select 1\n-- down\n-- nothing', /no statements below '-- down'/],
    ['0001-a.sql', 'select 1\n-- down\nselect 2\n-- down\nselect 3', /more than one line '-- down'/],
    ['0001-a.sql', '-- up\nselect 1\n-- up\nselect 2', /more than one line '-- up'/],
    ['0001-a.sql', 'select 1\n-- up\nselect 2', /above the line '-- up'/],
    ['0001-a.sql', 'select 1\n-- down\nselect 2\n-- up\nselect 3', /'-- up' below '-- down'/],
    ['0001-a.sql', Uint8Array.of(0x2d, 0x2d, 0x20, 0xff, 0x0a), /not UTF-8/],
    ['0001-a.sql', Buffer.from('select 1', 'utf16le'), /NUL bytes/],
    ['0001-a.oracle.sql', 'select 1', /the engine 'oracle'.*sqlite, postgres, mysql/],
    ['0001-a.up.sql', 'select 1', /one direction/],
    ['0001-a.cts', 'exports.up = 1', /CommonJS/],
    ['0001-a.postgres.mjs', 'export const up = async () => {}', /a step for each engine.*from 0001-a\.ts/],
    ['0001-a.mjs', 'export const upp = 1', /exports 'upp'/],
    ['0001-a.mjs', 'export const down = "select 1"', /no `up`/],
    ['0001-a.mjs', 'export const up = 1', /no `up`/],
    ['0001-a.mjs', 'export const up = { oracle: "select 1" }', /no `up`/],
    ['0001-a.mjs', 'export const up = "select 1"; export const down = 1', /a `down` that is neither/],
    ['0001-a.mjs', 'export const up = "select 1"; export const transaction = true', /other than false/],
    ['0001-a.mjs', 'export default 1', /no migration/],
    ['0001-a.mjs', 'export default { name: "0002-b", up: "select 1" }', /another name: '0002-b'/],
    ['0001-a.mjs', 'export default { up: "select 1" }; export const up = 1', /'up' beside its default/],
    ['0001-a.mjs', 'this is no code', /cannot be loaded/],
    ['0001-a.mjs', 'import "./nowhere.mjs"', /cannot be loaded/],
  ]
  for (const [file, content, message] of wrong) {
    using folder = temporaryFolder()
    writeFileSync(folder.file(file), content)
    await assert.rejects(loadMigrations(folder.path), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'invalid_argument', `${file}: ${String(content)}`)
      assert.match(error.message, message)
      assert.ok(error.message.includes(file), error.message)
      return true
    })
  }
})

test('a folder that is missing and two files of one name are errors', async () => {
  using folder = temporaryFolder()
  await assert.rejects(loadMigrations(folder.file('nowhere')), { code: 'not_found' })
  for (const pair of [
    ['0001-a.sql', '0001-a.mjs'],
    ['0001-a.mysql.sql', '0001-a.mjs'],
  ]) {
    using folder = temporaryFolder()
    for (const file of pair) {
      writeFileSync(folder.file(file), file.endsWith('.sql') ? 'select 1' : 'export const up = "select 1"')
    }
    await assert.rejects(loadMigrations(folder.path), { code: 'invalid_argument' })
  }
})
