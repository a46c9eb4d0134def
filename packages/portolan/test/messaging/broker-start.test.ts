import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { InfrastructureError } from 'portolan'
import { createMessaging, openBroker } from 'portolan/messaging'
import { createLogger } from 'portolan/observability'
import { openDatabase } from 'portolan/persistence'
import { surroundings } from 'portolan/runtime'
import { engineUrl, type ServerName, skipUnlessInstalled, skipWithout, startServer } from 'portolan-engines'
import { openWhenUp } from '../../src/messaging/broker-start.ts'
import type { BrokerDriver } from '../../src/messaging/driver.ts'

interface Kind {
  readonly engine: ServerName
  /** Of the server, where it lets everybody in otherwise. */
  readonly args?: readonly string[]
  readonly allowed: string
  readonly denied: string
}

const login = 'org.apache.kafka.common.security.plain.PlainLoginModule required'

/** What Mosquitto reads as another user: `shop` with the password `right`. */
const folder = await mkdtemp(join(tmpdir(), 'portolan-broker-start-'))
after(() => rm(folder, { recursive: true }))
await chmod(folder, 0o755)
const passwords = join(folder, 'passwords')
const hash =
  'G5iTf+iARPiHzGGQ$VPTDmp8nreZvcJ2lWjViy0r5wQ+mqGFxcl7nAiIBb1K4XeZ3kGS/L5bRTj2pulhRQcmi7M/wa0CWDjTVh5jL+A=='
await writeFile(passwords, `shop:$7$101$${hash}\n`)

const kinds: readonly Kind[] = [
  { engine: 'rabbitmq', allowed: 'amqp://guest:guest@', denied: 'amqp://guest:hunter2@' },
  {
    engine: 'nats',
    args: ['--user', 'shop', '--pass', 'right'],
    allowed: 'nats://shop:right@',
    denied: 'nats://shop:hunter2@',
  },
  { engine: 'redis', allowed: 'redis://', denied: 'redis://nobody:hunter2@' },
  {
    engine: 'kafka',
    args: [
      '--override=listener.security.protocol.map=CLIENT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
      '--override=listener.name.client.sasl.enabled.mechanisms=PLAIN',
      '--override=sasl.mechanism.inter.broker.protocol=PLAIN',
      `--override=listener.name.client.plain.sasl.jaas.config=${login} username="kafka" password="its own" ` +
        'user_kafka="its own" user_shop="right";',
    ],
    allowed: 'kafka://shop:right@',
    denied: 'kafka://shop:hunter2@',
  },
  {
    engine: 'mqtt',
    args: [`password_file ${passwords}`],
    allowed: 'mqtt://shop:right@',
    denied: 'mqtt://shop:hunter2@',
  },
]

async function start(url: string, brokerTimeout: string): Promise<void> {
  await using database = await openDatabase('sqlite::memory:')
  const broker = await openBroker(url)
  await using messaging = createMessaging({
    ...{ database, broker, source: 'test', messages: [], brokerTimeout: brokerTimeout as '1s' },
  })
  await messaging.start()
}

for (const { engine, args = [], allowed, denied } of kinds) {
  describe(`a start over ${engine}`, { skip: skipUnlessInstalled(engine) }, () => {
    test('waits for a server that is not up yet, and says so when it never comes', async () => {
      await using server = await startServer(engine, { args })
      const withLogin = (login: string) => server.url.replace(/^\w+:\/\/([^@]*@)?/, login)
      await server.kill()
      await assert.rejects(start(withLogin(allowed), '300ms'), (error: unknown) => {
        assert.ok(InfrastructureError.is(error, 'unavailable'))
        assert.match(
          error.message,
          /The broker \(\w+\) cannot be used: .*(ECONNREFUSED|connection refused).*\. Check that it runs/,
        )
        return true
      })
      const [started] = await Promise.allSettled([start(withLogin(allowed), '60s'), server.restart()])
      assert.deepEqual(started, { status: 'fulfilled', value: undefined })
      // A password that is wrong does not get right by waiting.
      await assert.rejects(start(withLogin(denied), '60s'), (error: unknown) => {
        assert.ok(InfrastructureError.is(error, 'unauthenticated'), String(error))
        assert.match(error.message, /\W Check user, password and path in its URL\.$/)
        return !`${error.message} ${error.stack}`.includes('hunter2')
      })
    })
  })
}

test('a virtual host that RabbitMQ does not have is named at once', {
  skip: await skipWithout('rabbitmq'),
}, async () => {
  const url = (await engineUrl('rabbitmq')).replace(/\/?$/, '/portolan-nowhere')
  await assert.rejects(start(url, '60s'), (error: unknown) => {
    assert.ok(InfrastructureError.is(error, 'unauthenticated'), String(error))
    assert.match(
      error.message,
      /there is no virtual host 'portolan-nowhere', or '\w+' may not use it\. Check user/,
    )
    return true
  })
})

test('a start that waits says so once, and goes on when the broker answers', async () => {
  const lines: string[] = []
  const logger = createLogger({
    write: ({ message, fields }) => void lines.push(`${fields.broker}: ${message}`),
  })
  let attempts = 0
  const open = async () => {
    if (++attempts < 4) throw new Error('connect ECONNREFUSED')
  }
  await openWhenUp({ name: 'rabbitmq', open } as unknown as BrokerDriver, 60_000, surroundings({ logger }))
  assert.equal(attempts, 4)
  assert.deepEqual(lines, ['rabbitmq: The broker does not answer yet; asking again.'])
})
