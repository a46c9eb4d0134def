import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { run } from '../../src/cli/run.ts'

let directory = ''

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'portolan-cli-'))
  // Imports the sources by path: a directory outside of the workspace finds no package.
  const config = join(import.meta.dirname, '../../src/config/index.ts')
  await mkdir(join(directory, 'src'))
  await writeFile(
    join(directory, 'package.json'),
    JSON.stringify({ type: 'module', portolan: { config: './src/config.ts' } }),
  )
  await writeFile(
    join(directory, 'src/config.ts'),
    `import { defineConfig, port, secret, setting, string, url } from ${JSON.stringify(config)}
export const ShopConfig = defineConfig({
  databaseUrl: setting('DATABASE_URL', url(), { default: 'sqlite:shop.db', about: 'Where the shop | keeps its data' }),
  port: setting('PORT', port(), { default: 8080 }),
  mail: { password: secret('MAIL_PASSWORD', string()) },
})
`,
  )
  await writeFile(join(directory, 'src/nothing.ts'), 'export const x = 1\n')
  await writeFile(join(directory, '.env'), 'PORT=3000\nMAIL_PASSWORD=canary-password\n')
})

after(() => rm(directory, { recursive: true, force: true }))

async function portolan(args: readonly string[], env: Record<string, string> = {}, colours = false) {
  let out = ''
  let error = ''
  const code = await run(args, {
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
  assert.ok(!(out + error).includes('canary'), 'a secret was shown')
  return { code, out, error }
}

test('print shows every value and where it comes from', async () => {
  const { code, out } = await portolan(['config', 'print'], {
    DATABASE_URL: 'postgres://shop:canary@db/shop',
  })
  assert.equal(code, 0)
  assert.equal(
    out,
    `databaseUrl    "postgres://[redacted]@db/shop"  environment
port           3000                             .env:1
mail.password  [redacted]                       .env:2

Profile: development
`,
  )
})

test('explain shows the chain of one setting, by key or by variable', async () => {
  const byKey = await portolan(['config', 'explain', 'port'], { PORT: '4000' })
  const byVariable = await portolan(['config', 'explain', 'PORT'], { PORT: '4000' })
  assert.equal(byKey.code, 0)
  assert.equal(byKey.out, byVariable.out)
  assert.equal(
    byKey.out,
    `port

Variable  PORT
Allowed   a whole number from 0 to 65535
Value     4000

→  environment  "4000"
   .env:1       "3000"  overridden
   default      8080    overridden
`,
  )
})

test('check tells every mistake and exits with 1; with --json it is one object', async () => {
  const fine = await portolan(['config', 'check'])
  assert.deepEqual(
    [fine.code, fine.out],
    [0, 'The configuration is fine: 3 settings, profile development.\n'],
  )
  const wrong = await portolan(['config', 'check', '--json'], { PORT: 'eighty', DATABASE_URL: 'nowhere' })
  assert.equal(wrong.code, 1)
  const { ok, problems } = JSON.parse(wrong.out)
  assert.equal(ok, false)
  assert.deepEqual(
    problems.map((problem: { key: string }) => problem.key),
    ['databaseUrl', 'port'],
  )
})

test('explain shows what is wrong with a setting', async () => {
  const { code, out } = await portolan(['config', 'explain', 'port'], { PORT: 'eighty' })
  assert.equal(code, 1)
  assert.match(out, /found "eighty", allowed is a whole number from 0 to 65535\./)
})

test('docs is a Markdown table of the definition alone', async () => {
  const { out } = await portolan(['config', 'docs'], { PORT: '1' })
  assert.equal(
    out,
    `| Variable | Key | About | Allowed | Default |
| --- | --- | --- | --- | --- |
| \`DATABASE_URL\` | \`databaseUrl\` | Where the shop \\| keeps its data | a URL | \`"sqlite:shop.db"\` |
| \`PORT\` | \`port\` |  | a whole number from 0 to 65535 | \`8080\` |
| \`MAIL_PASSWORD\` | \`mail.password\` |  | text (secret) |  |
`,
  )
})

test('colours only where they are wanted', async () => {
  const plain = await portolan(['config', 'explain', 'port'], { PORT: '1' })
  const coloured = await portolan(['config', 'explain', 'port'], { PORT: '1' }, true)
  assert.ok(!plain.out.includes('\u001B'))
  assert.ok(coloured.out.includes('\u001B[90moverridden'))
})

test('wrong usage exits with 2 and says what to do', async () => {
  for (const [args, message] of [
    [['confg'], /no command 'confg'\. Did you mean 'config'\?/],
    [['config', 'prnt'], /Did you mean 'print'\?/],
    [['config', 'explain'], /Write: portolan config explain KEY/],
    [['config', 'explain', 'prot'], /no setting 'prot'\. Did you mean 'port'\?/],
    [['config', 'print', '--jsn'], /Unknown option '--jsn'/],
    [['config', 'print', '--module', 'gone.ts'], /There is no module .*gone\.ts/],
  ] as const) {
    const { code, error } = await portolan(args)
    assert.equal(code, 2, args.join(' '))
    assert.match(error, message)
    assert.match(error, /--help/)
  }
  const nothing = await portolan(['config', 'print', '--module', 'src/nothing.ts'])
  assert.equal(nothing.code, 1)
  assert.match(nothing.error, /exports no configuration definitions/)
})

test('help has examples', async () => {
  assert.match((await portolan(['--help'])).out, /config {8}shows, explains and checks/)
  const { code, out } = await portolan(['config', '--help'])
  assert.equal(code, 0)
  assert.match(out, /Examples:/)
})

test('the program itself: --json alone on stdout, exit codes', async () => {
  const main = join(import.meta.dirname, '../../src/cli/main.ts')
  const started = promisify(execFile)(process.execPath, [main, 'config', 'print', '--json'], {
    cwd: directory,
  })
  assert.equal(JSON.parse((await started).stdout).settings.length, 3)
  await assert.rejects(promisify(execFile)(process.execPath, [main, 'nonsense'], { cwd: directory }), {
    code: 2,
  })
})
