import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  freePort,
  startCommand,
  startProgram,
  type TemporaryFolder,
  temporaryFolder,
  until,
} from '../harness/index.ts'

/** The shop as a user starts it: with nothing but ports that are free here. */

let folder: TemporaryFolder
let env: Record<string, string>
let hub: string
let emulators: string
before(async () => {
  folder = await temporaryFolder()
  const [port, chat, smtp] = [await freePort(), await freePort(), await freePort()]
  env = { PORT: `${port}`, EMULATORS_PORT: `${chat}`, EMULATORS_SMTP_PORT: `${smtp}` }
  hub = `http://127.0.0.1:${port}`
  emulators = `http://127.0.0.1:${chat}`
})
after(() => folder[Symbol.asyncDispose]())

const ada = '447700900123'

// biome-ignore lint/suspicious/noExplicitAny: what comes over the wire is what the tests are about
async function get(path: string): Promise<any> {
  return (await fetch(`${hub}/v1${path}`)).json()
}

/** As the chat page does it. */
async function send(path: string, body: object): Promise<void> {
  const response = await fetch(`${emulators}${path}`, {
    method: path.endsWith('next-payment') || path.endsWith('faults') ? 'PUT' : 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  assert.ok(response.ok, await response.text())
}

const says = (text: string) => send(`/chat/${ada}/messages`, { kind: 'text', text })

async function hears(text: RegExp): Promise<void> {
  await until(async () => {
    const { items = [] } = await get(`/customers/${ada}/messages`)
    return items.some(
      (item: { direction: string; text: string }) => item.direction === 'out' && text.test(item.text),
    )
  }, `${text} in the chat`)
}

test('npm start opens the shop, Ctrl-C closes it, and the next start goes on', async () => {
  await using first = startProgram('main.ts', [], { cwd: folder.path, env, group: true })
  await first.prints(/Ctrl-C stops it/)
  assert.match(first.stdout, new RegExp(`Chat as a customer +${emulators}/chat\n`))
  assert.match(first.stdout, new RegExp(`Staff pages +${hub}/\n`))
  for (const [, address] of first.stdout.matchAll(/(http:\S+)/g)) {
    assert.equal((await fetch(address!)).status, 200, address)
  }
  // The real products, without anything to install or configure.
  assert.equal((await get('/status')).holds.products, 2_733)

  await send('/chat/customers', { waId: ada, name: 'Ada' })
  await says('search lantern')
  await hears(/Found for "lantern"/)
  await says('add 85123A 3')
  await hears(/3 × WHITE HANGING HEART/)
  await says('checkout')
  await hears(/Shall we\?/)
  await send('/control/faults', { payments: { down: true } })
  // The shop notes an answer before it sends it: the button is there once the chat itself shows it.
  let option = ''
  await until(async () => {
    const page = await (await fetch(`${emulators}/chat/${ada}`)).text()
    option = /pay:[\w-]+:\d+/.exec(page)?.[0] ?? ''
    return option !== ''
  }, 'the button to pay')
  await send(`/chat/${ada}/messages`, { kind: 'button', option, title: 'Pay' })
  await until(async () => (await get('/status')).inHand.retrying === 1, 'the payment to fail')
  assert.equal(await first.end('SIGINT'), 0)
  assert.equal(first.stderr.includes('"level":"error"'), false, first.stderr)

  // The fault is gone with the emulator; the order is not.
  await using second = startProgram('main.ts', [], { cwd: folder.path, env, group: true })
  await second.prints(/Ctrl-C stops it/)
  await hears(/Paid, thank you/)
  const { items } = await get('/orders')
  assert.deepEqual([items.length, items[0].status], [1, 'paid'])
  const { holds } = await get('/status')
  assert.deepEqual([holds.products, holds.orders], [2_733, 1])
  assert.match(await (await fetch(`${emulators}/chat/${ada}`)).text(), /search lantern/)
  assert.equal(await second.end('SIGTERM'), 0)
  assert.ok(existsSync(join(folder.path, '.data', 'hub.db')))
})

test('the script of npm start stops with all of npm on Ctrl-C', async () => {
  const root = fileURLToPath(new URL('../../../..', import.meta.url))
  const data = join(folder.path, 'npm')
  const places = {
    ...{ DATABASE_URL: `sqlite:${data}/hub.db`, FILES_URL: `file:${data}/files` },
    ...{ EMULATORS_DATA: `${data}/emulators` },
  }
  await using npm = startCommand('npm', ['start'], { cwd: root, env: { ...env, ...places }, group: true })
  await npm.prints(/Ctrl-C stops it/)
  await npm.end('SIGINT')
  await assert.rejects(fetch(hub))
  await assert.rejects(fetch(emulators))
})

test('a port that is in use is told in one line', async () => {
  for (const name of ['PORT', 'EMULATORS_PORT', 'EMULATORS_SMTP_PORT']) {
    const port = Number(env[name])
    const other = createServer()
    await new Promise<void>(resolve => other.listen(port, '127.0.0.1', resolve))
    try {
      await using program = startProgram('main.ts', [], { cwd: folder.path, env })
      assert.equal(await program.ended, 1, name)
      const lines = program.stderr.split('\n').filter(line => line !== '' && !line.startsWith('{'))
      assert.equal(lines.length, 1, program.stderr)
      assert.match(lines[0]!, new RegExp(`^commerce-hub: .*\\b${port}\\b.*(in use|uses the port)`))
      assert.doesNotMatch(program.stdout, /The shop is open/)
    } finally {
      other.close()
    }
  }
})
