import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect, isDeepStrictEqual } from 'node:util'
import type { Secret } from 'portolan'
import {
  type ConfigOf,
  defineConfig,
  describe,
  duration,
  integer,
  list,
  loadConfig,
  optional,
  port,
  secret,
  setting,
  string,
  url,
} from 'portolan/config'
import { createRedactor } from 'portolan/runtime'
import { z } from 'zod'
import { workspace } from './workspace.ts'

const ShopConfig = defineConfig({
  databaseUrl: setting('DATABASE_URL', url(), {
    default: 'sqlite:shop.db',
    about: 'Where the shop keeps its data',
  }),
  port: setting('PORT', port(), { default: 8080 }),
  mail: {
    host: setting('MAIL_HOST', string(), { default: 'localhost' }),
    password: secret('MAIL_PASSWORD', string(), { default: 'dev-password' }),
  },
})

test('defaults hold where no source has a value; the result is frozen', async () => {
  await using here = await workspace()
  const config = await loadConfig(ShopConfig, { ...here, env: {} })
  assert.equal(config.databaseUrl, 'sqlite:shop.db')
  assert.equal(config.mail.password.reveal(), 'dev-password')
  assert.throws(() => Object.assign(config, { port: 1 }), TypeError)
  assert.throws(() => Object.assign(config.mail, { host: 'x' }), TypeError)
})

test('each source overrides the ones before it, and describe tells the whole chain', async () => {
  await using here = await workspace({
    'portolan.config.json': '{\n  "port": 1,\n  "mail": { "host": "file" }\n}',
    'portolan.config.test.json': '{ "port": 2 }',
    '.env': '# mail\nPORT=3\n',
    '.env.local': 'PORT=4',
    '.env.test': 'PORT=5',
  })
  const config = await loadConfig(ShopConfig, {
    ...here,
    profile: 'test',
    env: { PORT: '6' },
    flags: { port: '7', mailHost: undefined },
  })
  assert.equal(config.port, 7)
  assert.equal(config.mail.host, 'file')
  const described = describe(config).find(({ key }) => key === 'port')
  assert.deepEqual(
    described?.origins.map(({ at, value }) => `${at} ${value}`),
    [
      '--port "7"',
      'environment "6"',
      '.env.test:1 "5"',
      '.env.local:1 "4"',
      '.env:2 "3"',
      'portolan.config.test.json:1 2',
      'portolan.config.json:2 1',
      'default 8080',
    ],
  )
})

test('the profile comes from PORTOLAN_PROFILE, then NODE_ENV, then is development', async () => {
  await using here = await workspace({ '.env.a': 'PORT=1', '.env.b': 'PORT=2', '.env.development': 'PORT=3' })
  const portWith = async (env: Record<string, string>) =>
    (await loadConfig(ShopConfig, { ...here, env })).port
  assert.equal(await portWith({ PORTOLAN_PROFILE: 'a', NODE_ENV: 'b' }), 1)
  assert.equal(await portWith({ NODE_ENV: 'b' }), 2)
  assert.equal(await portWith({}), 3)
  await assert.rejects(portWith({ NODE_ENV: '../x' }), {
    code: 'invalid_argument',
    message: /The profile "\.\.\/x"/,
  })
})

test('NAME_FILE reads a mounted secret; both at once, or a missing file, are problems', async () => {
  await using here = await workspace({ mounted: 's3cret\n' })
  const config = await loadConfig(ShopConfig, { ...here, env: { MAIL_PASSWORD_FILE: 'mounted' } })
  assert.equal(config.mail.password.reveal(), 's3cret')
  await assert.rejects(
    loadConfig(ShopConfig, { ...here, env: { MAIL_PASSWORD_FILE: 'mounted', MAIL_PASSWORD: 'x' } }),
    /mail\.password \(MAIL_PASSWORD\) in environment: both MAIL_PASSWORD and MAIL_PASSWORD_FILE are set/,
  )
  await assert.rejects(
    loadConfig(ShopConfig, { ...here, env: { MAIL_PASSWORD_FILE: 'gone' } }),
    /MAIL_PASSWORD_FILE names a file that cannot be read \(ENOENT\): gone/,
  )
})

test('an empty variable counts as not set', async () => {
  await using here = await workspace({ '.env': 'PORT=9' })
  assert.equal((await loadConfig(ShopConfig, { ...here, env: { PORT: '' } })).port, 9)
})

test('neither process.env nor the given environment changes', async () => {
  await using here = await workspace({ '.env': 'PORT=9' })
  const before = { ...process.env }
  const env = Object.freeze({ MAIL_HOST: 'x' })
  await loadConfig(ShopConfig, { ...here, env })
  // Not deepEqual, which would print the environment.
  assert.ok(isDeepStrictEqual({ ...process.env }, before))
})

test('any Standard Schema fits, asynchronous ones too; its own default makes a setting optional', async () => {
  await using here = await workspace()
  const definition = defineConfig({
    level: setting('LEVEL', z.enum(['low', 'high']).default('low')),
    slow: setting(
      'SLOW',
      z.string().transform(async text => text.length),
    ),
    proxy: setting('PROXY', optional(url())),
    token: secret('TOKEN', optional(string())),
    hosts: setting('HOSTS', list(), { default: ['a'] }),
    wait: setting('WAIT', duration(), { default: '2s' }),
  })
  const config: ConfigOf<typeof definition> = await loadConfig(definition, { ...here, env: { SLOW: 'four' } })
  assert.deepEqual(
    { ...config },
    {
      level: 'low',
      slow: 4,
      proxy: undefined,
      token: undefined,
      hosts: ['a'],
      wait: 2000,
    },
  )
  assert.ok(Object.isFrozen(config.hosts))
})

test('types follow the schemas', async () => {
  await using here = await workspace()
  const config = await loadConfig(ShopConfig, { ...here, env: {} })
  const number: number = config.port
  const text: string = config.mail.host
  const hidden: Secret<string> = config.mail.password
  assert.ok([number, text, hidden])
  // @ts-expect-error a secret is no text
  const leaked: string = config.mail.password
  // @ts-expect-error a default must fit the schema
  const wrong = setting('PORT', port(), { default: true })
  // @ts-expect-error there is no such setting
  assert.equal(config.prot, undefined)
  assert.ok(leaked && wrong)
})

test('a secret shows in no way but reveal, and the redactor learns it', async () => {
  await using here = await workspace()
  const redactor = createRedactor()
  const config = await loadConfig(ShopConfig, { ...here, env: { MAIL_PASSWORD: 'canary"77' }, redactor })
  const everything = [
    `${config.mail.password}`,
    String(config.mail.password),
    JSON.stringify(config),
    inspect(config, { depth: 9, showHidden: true }),
    inspect(describe(config), { depth: 9 }),
    `a ${config.mail.password}`,
    Object.entries(config.mail.password).join(),
  ].join()
  assert.ok(!everything.includes('canary'))
  assert.equal(
    redactor.text('login with canary"77, {"p":"canary\\"77"}, canary%2277'),
    'login with [redacted], {"p":"[redacted]"}, [redacted]',
  )
})

test('describe refuses what loadConfig did not make', () => {
  assert.throws(() => describe({}), { code: 'invalid_argument' })
})

test('a definition with one variable twice is refused', () => {
  assert.throws(
    () => defineConfig({ a: setting('PORT', port()), b: { c: setting('PORT', integer()) } }),
    /'a' and 'b\.c' both have the variable PORT/,
  )
})

test('a setting is given by the flag that it names, which is what a mistake is told of', async () => {
  await using here = await workspace()
  const definition = defineConfig({ cacheUrl: setting('CACHE_URL', url(), { flag: 'cache' }) })
  const given = (flags: Record<string, unknown>) => loadConfig(definition, { ...here, env: {}, flags })
  assert.equal((await given({ cache: 'memory:' })).cacheUrl, 'memory:')
  await assert.rejects(given({ cache: 'nonsense' }), /cacheUrl \(CACHE_URL\) in --cache: found "nonsense"/)
  await assert.rejects(given({ 'cache-url': 'memory:' }), /--cache-url: there is no such setting/)
})

test('a definition with one flag twice is refused', () => {
  assert.throws(
    () => defineConfig({ cacheUrl: setting('A', port()), other: setting('B', port(), { flag: 'cacheUrl' }) }),
    /'cacheUrl' and 'other' both have the flag --cache-url/,
  )
})
