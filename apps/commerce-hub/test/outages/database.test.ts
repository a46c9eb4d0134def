import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import {
  messagesStored,
  meta,
  openShop,
  type Shop,
  type TemporaryFolder,
  temporaryFolder,
  until,
} from '../harness/index.ts'

/** A database that cannot be written: the webhook says so, WhatsApp delivers again, and nothing is lost. */

let folder: TemporaryFolder
let shop: Shop
before(async () => {
  folder = await temporaryFolder()
})
beforeEach(async t => {
  const file = join(folder.path, `${t.name.replace(/\W/g, '-')}.db`)
  shop = await openShop({ databaseUrl: `sqlite:${file}?busy_timeout=100` })
})
afterEach(() => shop[Symbol.asyncDispose]())
after(() => folder[Symbol.asyncDispose]())

/** Expects problem details that ask to try again. */
async function refused(response: Response, code: string): Promise<void> {
  assert.ok(response.status >= 500, `${response.status}`)
  assert.match(response.headers.get('content-type')!, /^application\/problem\+json/)
  const problem = (await response.json()) as { code: string; detail: string }
  assert.equal(problem.code, code)
  assert.doesNotMatch(problem.detail, /sqlite|chat_messages|\.db/i)
}

test('a full disk', async () => {
  const customer = shop.customer()
  await customer.says('add MUG 2')
  await shop.settled()
  const { native } = shop.services.database as unknown as { native: DatabaseSync }
  const { page_count: pages } = native.prepare('PRAGMA page_count').get() as { page_count: number }
  native.exec(`PRAGMA max_page_count = ${pages + 40}`)
  const before = await messagesStored(shop)
  const long = 'x'.repeat(4_000)
  let last: Response | undefined
  // What is free in the file takes some.
  for (let i = 0; i < 500 && (last === undefined || last.ok); i++) {
    last = await meta.post(
      shop.url,
      meta.webhook([{ messages: [meta.text(customer.id, long, `wamid.full-${i}`)] }]),
    )
  }
  await refused(last!, 'resource_exhausted')
  const stored = await messagesStored(shop)
  assert.ok(stored > before)

  // The emulator delivers it again and again, as WhatsApp does.
  const lost = shop.customer('Lost?')
  await lost.phone.sendText(`add MUG 3 ${long}`)
  await lost.phone.sendText('cart')
  native.exec('PRAGMA max_page_count = 1073741823')
  await until(() => lost.heard().length === 2, 'the answers')
  await until(
    () => shop.retried().then(() => customer.heard().length === 1 + stored - before),
    'every answer',
  )
  assert.match(lost.heard()[1]!.text, /3 × RED/)
  assert.match((await customer.says('cart')).text, /2 × RED/)
  assert.deepEqual((await shop.get('/status')).inHand, { jobs: 0, retrying: 0, messages: 0, dead: 0 })
})

test('a lock of another process', async () => {
  const customer = shop.customer()
  await customer.says('add MUG 2')
  await shop.settled()
  const before = await messagesStored(shop)
  const { native } = shop.services.database as unknown as { native: DatabaseSync }
  const other = new DatabaseSync(native.location()!)
  other.exec('BEGIN IMMEDIATE')
  try {
    const body = meta.webhook([{ messages: [meta.text(customer.id, 'add MUG 1', 'wamid.locked')] }])
    await refused(await meta.post(shop.url, body), 'unavailable')
    assert.equal(await messagesStored(shop), before)
    // Reading goes on.
    assert.match(await shop.page('/conversations'), /2 × RED/)
    await customer.phone.sendText('add MUG 4')
    await until(() => shop.emulators.whatsapp.pendingWebhooks() > 0, 'a delivery to fail')
  } finally {
    other.exec('ROLLBACK')
    other.close()
  }
  await until(() => customer.heard().length === 2, 'the answer')
  assert.match(customer.heard().at(-1)!.text, /6 × RED/)
  await shop.settled()
  assert.deepEqual((await shop.get('/status')).inHand, { jobs: 0, retrying: 0, messages: 0, dead: 0 })
})
