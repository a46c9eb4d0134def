import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import nodemailer from 'nodemailer'
import { request, until } from './support/emulators.ts'
import { startReceiver } from './support/receiver.ts'

const main = new URL('../src/main.ts', import.meta.url).pathname

interface Running {
  readonly process: ChildProcess
  readonly url: string
  readonly smtp: string
}

async function run(args: readonly string[]): Promise<Running> {
  const child = spawn(process.execPath, ['--conditions=source', main, '--port=0', '--smtp-port=0', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  for await (const line of createInterface({ input: child.stdout })) {
    text += `${line}\n`
    if (line.includes('Mail')) break
  }
  const found = (pattern: RegExp) => pattern.exec(text)?.[1] ?? assert.fail(text)
  return { process: child, url: found(/Emulators +(\S+)/), smtp: found(/(smtp:\/\/[^)]+)/) }
}

async function kill({ process: child }: Running, signal: NodeJS.Signals): Promise<number | null> {
  const exited = new Promise<number | null>(resolve => child.once('exit', resolve))
  child.kill(signal)
  return exited
}

const payment = { amount: '12.50', currency: 'GBP', reference: 'order-1', customer: '447700900123' }
const charge = ({ url }: Running, key: string, amount = '12.50') =>
  request(
    'POST',
    `${url}/payments/v1/charges`,
    { ...payment, amount },
    { authorization: 'Bearer payments-api-key', 'idempotency-key': key },
  )

test('killed at once after its answers, it has forgotten nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'emulators-'))
  await using receiver = await startReceiver()
  const hooks = [`--whatsapp-webhook=${receiver.url}/whatsapp`, `--payments-webhook=${receiver.url}/payments`]
  try {
    // Nobody listens to the webhooks of the first process.
    const first = await run([`--data=${folder}`])
    await request('POST', `${first.url}/chat/customers`, { waId: '+44 7700 900123', name: 'Ada' })
    const said = await request('POST', `${first.url}/chat/447700900123/messages`, {
      kind: 'text',
      text: 'menu',
    })
    const sent = await request(
      'POST',
      `${first.url}/whatsapp/v23.0/106540352242922/messages`,
      { messaging_product: 'whatsapp', to: '447700900123', text: { body: 'Hello' } },
      { authorization: 'Bearer whatsapp-token' },
    )
    const transport = nodemailer.createTransport(first.smtp)
    await transport.sendMail({
      from: 'a@example.com',
      to: 'b@example.com',
      text: 'x',
      messageId: '<kept@example.com>',
    })
    transport.close()
    const pending = await charge(first, 'pending', '0.05')
    const charged = await charge(first, 'key')
    await kill(first, 'SIGKILL')

    const second = await run([`--data=${folder}`, ...hooks])
    const again = await charge(second, 'key')
    assert.deepEqual(again.json, charged.json)
    assert.equal(again.headers.get('idempotency-replayed'), 'true')
    await until(() => receiver.messages().length > 0 && receiver.statuses().length === 3)
    assert.deepEqual(
      receiver.messages().map(({ id, text }) => [id, text?.body]),
      [[said.json.id, 'menu']],
    )
    assert.ok(receiver.statuses().every(({ id }) => id === sent.json.messages[0].id))
    const events = () =>
      receiver.deliveries.filter(({ path }) => path === '/payments').map(({ body }) => JSON.parse(body))
    await until(() => events().length === 3)
    assert.deepEqual(
      events()
        .filter(event => event.data.id === pending.json.id)
        .map(event => event.type),
      ['charge.pending', 'charge.succeeded'],
    )
    const inbox = await (await fetch(`${second.url}/mail`)).text()
    assert.match(inbox, /kept@example\.com|kept%40example\.com/)
    assert.equal(await kill(second, 'SIGTERM'), 0)

    const before = receiver.deliveries.length
    const third = await run([`--data=${folder}`, ...hooks])
    await charge(third, 'another')
    await until(() => receiver.deliveries.length > before)
    // Nothing that was acknowledged came again with it.
    assert.equal(receiver.deliveries.length, before + 1)
    await kill(third, 'SIGTERM')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
