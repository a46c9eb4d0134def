import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import type { InfrastructureError } from 'portolan'
import {
  defineConfig,
  loadConfig,
  oneOf,
  optional,
  port,
  readConfig,
  secret,
  setting,
  string,
  url,
} from 'portolan/config'
import { z } from 'zod'
import { workspace } from './workspace.ts'

const ShopConfig = defineConfig({
  databaseUrl: setting('DATABASE_URL', url({ schemes: ['sqlite', 'postgres'] }), {
    about: 'Where the shop keeps its data',
  }),
  port: setting('PORT', port(), { default: 8080 }),
  level: setting('LOG_LEVEL', oneOf(['debug', 'info']), { default: 'info' }),
  pool: setting('POOL_SIZE', z.coerce.number().max(50), { default: 10 }),
  whatsapp: {
    token: secret('WHATSAPP_TOKEN', string({ minLength: 20 })),
    verifyToken: secret('WHATSAPP_VERIFY_TOKEN', string()),
  },
})

const messageOf = (options: Parameters<typeof loadConfig>[1]) =>
  loadConfig(ShopConfig, options).then(
    () => assert.fail('it should have been refused'),
    (error: InfrastructureError) => {
      assert.equal(error.code, 'invalid_argument')
      return error.message
    },
  )

test('all problems come at once, each with its place, what was found, what is allowed, and a hint', async () => {
  await using here = await workspace({
    'portolan.config.json': '{\n  "prot": 80,\n  "pool": 900,\n  "whatsapp": "yes"\n}\n',
    '.env': 'DATABSE_URL=sqlite:shop.db\nPORT=eighty\nthis is not a variable\nWHATSAPP_TOKEN="hunter2"\n',
  })
  assert.equal(
    await messageOf({ ...here, env: { LOG_LEVEL: 'loud' }, flags: { colour: true } }),
    `The configuration has 10 problems:
  - databaseUrl (DATABASE_URL): missing. Set DATABASE_URL to a URL that begins with sqlite: or postgres:. Where the shop keeps its data.
    Did you mean DATABASE_URL where .env:1 has DATABSE_URL?
  - port (PORT) in .env:2: found "eighty", allowed is a whole number from 0 to 65535.
  - level (LOG_LEVEL) in environment: found "loud", allowed is debug or info.
  - pool (POOL_SIZE) in portolan.config.json:3: found 900: Too big: expected number to be <=50.
  - whatsapp.token (WHATSAPP_TOKEN) in .env:4: found [redacted], allowed is text of at least 20 characters.
  - whatsapp.verifyToken (WHATSAPP_VERIFY_TOKEN): missing. Set WHATSAPP_VERIFY_TOKEN to text.
  - portolan.config.json:2: there is no setting 'prot'.
    Did you mean 'port'?
  - portolan.config.json:4: expected {…} with token, verifyToken.
  - .env:3: this line is no NAME=value. Write one, or begin it with # for a comment.
  - --colour: there is no such setting.`,
  )
})

test('the problems are there for programs too', async () => {
  await using here = await workspace()
  await assert.rejects(
    loadConfig(ShopConfig, { ...here, env: { PORT: 'x' } }),
    (error: InfrastructureError) => {
      const problems = error.details.problems as { key: string; at?: string }[]
      assert.deepEqual(
        problems.map(({ key, at }) => [key, at]),
        [
          ['databaseUrl', undefined],
          ['port', 'environment'],
          ['whatsapp.token', undefined],
          ['whatsapp.verifyToken', undefined],
        ],
      )
      return true
    },
  )
})

const complete = {
  DATABASE_URL: 'sqlite:x.db',
  WHATSAPP_TOKEN: 'a-token-of-twenty-letters',
  WHATSAPP_VERIFY_TOKEN: 'verify',
}

test('no mistake with a secret, or with a URL that has one, shows it', async () => {
  const canary = 'canary-value'
  const echoing = defineConfig({
    token: secret(
      'TOKEN',
      z.string().refine(() => false, { error: issue => `bad: ${issue.input}` }),
    ),
    database: setting('DATABASE_URL', url()),
    other: setting('OTHER_URL', url({ schemes: ['https'] })),
  })
  await using here = await workspace({
    '.env': `TOKEN ${canary}\nTOKEN="${canary}`,
    'portolan.config.json': `{ "token": "${canary}\n" }`,
  })
  const env = {
    TOKEN: canary,
    DATABASE_URL: `postgres//shop:${canary}@ho st`,
    OTHER_URL: `http://u:p/${canary}@host/`,
  }
  await assert.rejects(loadConfig(echoing, { ...here, env }), (error: InfrastructureError) => {
    assert.ok(!inspect(error, { depth: 9 }).includes(canary), error.message)
    assert.match(
      error.message,
      /token \(TOKEN\) in environment: found \[redacted\]: not what its schema allows\./,
    )
    return true
  })
})

test('a misspelt variable in .env is a problem where a default would hide it', async () => {
  await using here = await workspace({ '.env': 'LOG_LEVLE=debug\nOTHER_PROGRAM=1\n' })
  assert.equal(
    await messageOf({ ...here, env: complete }),
    'The configuration has a problem:\n  - .env:1: no setting uses LOG_LEVLE.\n    Did you mean LOG_LEVEL?',
  )
})

test('in the environment, which is shared, it is a warning', async () => {
  await using here = await workspace()
  const { problems, warnings } = await readConfig(ShopConfig, {
    ...here,
    env: { ...complete, LOG_LEVELS: 'debug' },
  })
  assert.deepEqual(problems, [])
  assert.deepEqual(warnings, [
    { at: 'environment', message: 'no setting uses LOG_LEVELS.', hint: 'Did you mean LOG_LEVEL?' },
  ])
})

test('no hint where two variables are equally near, or where only a digit differs', async () => {
  await using here = await workspace({ '.env': 'LOG_LEVELX=debug\nLOG_LEVELY=info\n' })
  await loadConfig(ShopConfig, { ...here, env: complete })
  const numbered = defineConfig({ one: setting('WORKER_1_URL', url(), { default: 'memory:' }) })
  await using other = await workspace({ '.env': 'WORKER_2_URL=x' })
  await loadConfig(numbered, { ...other, env: {} })
})

test('a configuration file that was named must exist, and be JSON', async () => {
  await using here = await workspace({ 'bad.json': '{\n  "port": 80\n  "pool": 5\n}' })
  await assert.rejects(
    loadConfig(ShopConfig, { ...here, env: complete, file: 'gone.json' }),
    /gone\.json cannot be read \(ENOENT\)/,
  )
  assert.match(
    await messageOf({ ...here, env: complete, file: 'bad.json' }),
    /- bad\.json:3: this is no JSON: expected ',' or '}'\./,
  )
})

test('rules between settings are checked when each is fine on its own', async () => {
  await using here = await workspace()
  const definition = defineConfig(
    {
      host: setting('HOST', string(), { default: 'localhost' }),
      password: secret('PASSWORD', optional(string())),
    },
    {
      rules: ({ host, password }) =>
        host === 'localhost' || password
          ? []
          : [{ key: 'password', message: `missing, and ${host} can be reached by others.`, hint: 'Set it.' }],
    },
  )
  assert.equal((await loadConfig(definition, { ...here, env: {} })).host, 'localhost')
  await assert.rejects(loadConfig(definition, { ...here, env: { HOST: '0.0.0.0' } }), {
    message:
      'The configuration has a problem:\n  - password (PASSWORD): missing, and 0.0.0.0 can be reached by others.\n    Set it.',
  })
})
