import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEmulators } from '../src/index.ts'
import { startEmulators, until } from './support/emulators.ts'
import { startReceiver } from './support/receiver.ts'

test('a port that is taken is named in the error', async () => {
  await using first = await startEmulators()
  const port = Number(new URL(first.url).port)
  await assert.rejects(startEmulators(undefined, { port }), {
    code: 'unavailable',
    message: new RegExp(`127\\.0\\.0\\.1:${port}`),
  })
})

test('stopping is idempotent, also before a start, and releases the ports', async () => {
  const never = createEmulators({
    dataDir: ':memory:',
    whatsapp: { token: 't', appSecret: 's', verifyToken: 'v', phoneNumberId: '1' },
    payments: { apiKey: 'k', webhookSecret: 's' },
  })
  await Promise.all([never.stop(), never.stop()])
  await using receiver = await startReceiver()
  const first = await startEmulators(receiver)
  const ports = { port: Number(new URL(first.url).port), smtpPort: Number(new URL(first.mail.url).port) }
  await first.drain()
  await first.stop()
  await first.stop()
  await using second = await startEmulators(receiver, ports)
  await second.whatsapp.customer('447700900123').sendText('Hi')
  await until(() => receiver.messages().length === 1)
})

test('after a drain webhooks wait; a drain gives up when its signal aborts', async () => {
  await using receiver = await startReceiver()
  await using emulators = await startEmulators(receiver)
  const held = Promise.withResolvers<number>()
  receiver.answer = () => held.promise
  await emulators.whatsapp.customer('447700900123').sendText('one')
  await until(() => receiver.deliveries.length === 1)
  await emulators.drain(AbortSignal.abort())
  held.resolve(200)
  await emulators.drain()
  await emulators.whatsapp.customer('447700900123').sendText('two')
  assert.deepEqual([receiver.messages().length, emulators.whatsapp.pendingWebhooks()], [1, 1])
})
