import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { findEngine, findServer, skipWithout, whyNot } from '../src/find.ts'
import { engineUrl } from '../src/index.ts'
import { freePort } from '../src/own/port.ts'
import { type ServerName, servers } from '../src/servers/index.ts'
import type { ServerEngine } from '../src/servers/server.ts'

/** Something on a port that is no database server: it hangs up on everybody. */
async function stranger(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer(socket => socket.destroy()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}

/** As if nothing were installed. */
const uninstalled = { installation: () => undefined } satisfies Partial<ServerEngine>

for (const name of Object.keys(servers) as ServerName[]) {
  const known = servers[name]
  // What `up` started on this machine is not what these tests are about.
  const server: ServerEngine = { ...known, name: `${name}-elsewhere` }
  const scheme = new URL(known.url(1)).protocol

  test(`${name}: a URL in the environment that does not answer is reported, without its password, and nothing else is looked for`, async () => {
    const env = {
      [known.variable]: `${scheme}//joe:s3cret@127.0.0.1:${await freePort()}/shop`,
    }
    const engine = await findEngine(name, env)
    assert.equal(engine.at, undefined)
    assert.equal(engine.url, undefined)
    assert.match(engine.problem!, new RegExp(`which ${known.variable} names, does not answer .*ECONNREFUSED`))
    assert.doesNotMatch(JSON.stringify(engine), /s3cret/)
    assert.match(
      (await skipWithout(name, env)) as string,
      new RegExp(`no ${name} to use: .*unset ${known.variable}`),
    )
    await assert.rejects(engineUrl(name, env), new RegExp(`There is no ${name} to use`))
  })

  test(`${name}: what the environment names must be a URL`, async () => {
    const engine = await findEngine(name, { [known.variable]: 'localhost' })
    assert.equal(engine.at, undefined)
    assert.equal(engine.problem, `${known.variable} is not a URL`)
  })

  test(`${name}: where it is missing, the hint names the package and the variable`, async () => {
    const engine = await findServer({ ...server, ...uninstalled, port: await freePort() }, {})
    assert.deepEqual([engine.at, engine.where, engine.problem], [undefined, undefined, undefined])
    assert.match(whyNot(engine), new RegExp(`apt-get install ${known.packages} && npm run engines -- up`))
    assert.match(engine.hint, new RegExp(`${known.variable}=${scheme}//`))
  })

  test(`${name}: something else on the standard port is not taken for it`, async () => {
    await using other = await stranger()
    const engine = await findServer({ ...server, ...uninstalled, port: other.port }, {})
    assert.equal(engine.at, undefined)
    assert.match(
      engine.problem!,
      new RegExp(`127.0.0.1:${other.port} does not answer as ${known.title} should`),
    )
  })
}

test('a missing engine does not skip a test when engines are required', async () => {
  const env = { PORTOLAN_TEST_POSTGRES_URL: 'nowhere', PORTOLAN_TEST_CHROMIUM: '/nowhere' }
  for (const name of ['postgres', 'chromium'] as const) {
    assert.equal(typeof (await skipWithout(name, env)), 'string')
    assert.equal(await skipWithout(name, { ...env, PORTOLAN_ENGINES: 'required' }), false)
  }
})

test('an engine that nobody knows is an error that lists those that are known', async () => {
  await assert.rejects(
    findEngine('oracle' as ServerName),
    /no engine called 'oracle', but: chromium, postgres, mysql/,
  )
})
