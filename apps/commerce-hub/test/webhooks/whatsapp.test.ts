import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { signature } from '@portolan/emulators'
import { type ChatCustomer, messagesStored, meta, openShop, type Shop, until } from '../harness/index.ts'

let shop: Shop
before(async () => {
  shop = await openShop()
})
afterEach(() => shop.emulators.whatsapp.faults.reset())
after(() => shop[Symbol.asyncDispose]())

const hello = () => meta.webhook([{ messages: [meta.text('447700900123', 'menu')] }])

/** Expects an answer as problem details, and nothing stored. */
async function refused(response: Promise<Response>, status: number): Promise<void> {
  const answer = await response
  assert.equal(answer.status, status)
  assert.match(answer.headers.get('content-type')!, /^application\/problem\+json/)
  assert.equal(((await answer.json()) as { status: number }).status, status)
  assert.equal(await messagesStored(shop), 0)
  assert.equal((await shop.get('/status')).inHand.jobs, 0)
}

const body = JSON.stringify(hello())
for (const [what, given] of [
  ['a missing signature', undefined],
  ['an empty signature', ''],
  ['a signature of another secret', signature('another', body)],
  ['a signature of another body', signature('emulator-app-secret', `${body} `)],
  ['a signature without its algorithm', signature('emulator-app-secret', body).slice(7)],
  ['a signature that is cut off', signature('emulator-app-secret', body).slice(0, -2)],
] as const) {
  test(`${what} is answered with 401, and nothing is stored`, () =>
    refused(meta.post(shop.url, body, { signature: given }), 401))
}

test('a bad signature is told before a bad body', () =>
  refused(meta.post(shop.url, 'no json', { signature: 'sha256=00' }), 401))

const good = meta.text('447700900123', 'menu')
for (const [what, malformed] of [
  ['no JSON', '{"object":'],
  ['nothing', ''],
  ['null', 'null'],
  ['a list', '[]'],
  ['another object', { object: 'page', entry: [] }],
  ['no entries', { object: 'whatsapp_business_account' }],
  ['an entry without changes', { object: 'whatsapp_business_account', entry: [{}] }],
  ['a message without an id', meta.webhook([{ messages: [{ ...good, id: undefined }] }])],
  ['a message without a sender', meta.webhook([{ messages: [{ ...good, from: undefined }] }])],
  ['a text without text', meta.webhook([{ messages: [{ ...good, text: {} }] }])],
  ['an order without items', meta.webhook([{ messages: [meta.message('1', { type: 'order' })] }])],
  ['a status without an id', meta.webhook([{ statuses: [{ status: 'sent', timestamp: '1' }] }])],
  ['one bad message behind a good one', meta.webhook([{ messages: [good] }], [{ messages: [{ id: 'x' }] }])],
] as const) {
  test(`a body with ${what} is answered with 400, and nothing of it is stored`, () =>
    refused(meta.post(shop.url, malformed), 400))
}

test('a body of more than 3 MB is answered with 413', () =>
  refused(meta.post(shop.url, ' '.repeat(3 * 1024 * 1024 + 1)), 413))

test('the handshake echoes the challenge to the right token alone', async () => {
  assert.equal(await shop.emulators.whatsapp.verify(), true)
  // No id that happens to be in the answer can hold this.
  const query = 'hub.mode=subscribe&hub.challenge=canary&hub.verify_token=wrong'
  const response = await fetch(`${shop.url}/webhooks/whatsapp?${query}`)
  assert.equal(response.status, 403)
  assert.doesNotMatch(await response.text(), /canary/)
})

test('everything in a webhook is taken in: entries, changes, messages, statuses', async () => {
  const people = Array.from({ length: 8 }, (_, index) => shop.customer(`Person ${index}`))
  const value = ({ id }: ChatCustomer) => ({
    contacts: [{ wa_id: id, profile: { name: `Käthe ${id}` } }],
    messages: [meta.text(id, 'menu'), meta.text(id, 'help')],
  })
  const values = people.map(value)
  // As Meta writes it: beyond ASCII everything is escaped, and that is what is signed.
  const escaped = (body: object) => JSON.stringify(body).replaceAll('ä', '\\u00e4')
  const batch = meta.webhook(values.slice(0, 3), values.slice(3, 4), values.slice(4))
  // Without the emulator's own statuses.
  shop.emulators.whatsapp.faults.set({ holdWebhooks: true })
  assert.equal((await meta.post(shop.url, escaped(batch))).status, 200)
  const statuses = async () => {
    const { items } = await shop.get(`/customers/${people[0]!.id}/messages`)
    return items.flatMap(({ status }: { status: string | null }) => status ?? [])
  }
  await until(async () => (await statuses()).join() === 'accepted,accepted', 'both answers')
  const [menu, help] = people[0]!.heard()
  const status = (of: { id: string; correlation?: string }, name: string) => ({
    ...{ id: of.id, status: name, timestamp: '1', recipient_id: '1' },
    biz_opaque_callback_data: of.correlation,
  })
  const reports = [
    [{ statuses: [status({ id: 'wamid.unknown' }, 'read'), status(menu!, 'read')] }],
    [{ statuses: [status(help!, 'sent')] }, { statuses: [status(help!, 'delivered')] }],
  ]
  assert.equal((await meta.post(shop.url, meta.webhook(...reports))).status, 200)
  assert.deepEqual(await statuses(), ['delivered', 'read'])
  shop.emulators.whatsapp.faults.reset()
  await shop.settled()
  for (const person of people) {
    const heard = person.heard().map(({ text }) => text.slice(0, 7))
    assert.deepEqual(heard, ['Hello K', '*How to'])
    assert.equal((await shop.get(`/customers/${person.id}`)).name, `Käthe ${person.id}`)
  }
})

test('what others may add to a webhook does no harm', async () => {
  const before = await messagesStored(shop)
  const known = meta.webhook([{ messages: [] }, { statuses: [] }, {}]) as { entry: { changes: object[] }[] }
  known.entry[0]!.changes.push({ field: 'account_update', value: { event: 'ACCOUNT_RESTRICTION' } })
  assert.equal((await meta.post(shop.url, known)).status, 200)
  assert.equal(await messagesStored(shop), before)
})

test('a message of the shop only ever moves forward', async () => {
  const customer = shop.customer()
  await customer.says('help')
  await shop.settled()
  const [sent] = customer.heard()
  const status = (name: string, more: object = {}) => ({
    ...{ id: sent!.id, status: name, timestamp: '1749854575', recipient_id: customer.id },
    biz_opaque_callback_data: sent!.correlation,
    ...more,
  })
  const errors = [{ code: 131026, title: 'Message undeliverable' }]
  const reports = [status('delivered'), status('sent'), status('failed', { errors }), status('sent')]
  for (const statuses of [...reports.map(report => [report]), reports.toReversed()]) {
    assert.equal((await meta.post(shop.url, meta.webhook([{ statuses }]))).status, 200)
  }
  const { items } = await shop.get(`/customers/${customer.id}/messages`)
  assert.deepEqual([items[0].status, items[0].reason], ['read', null])
})

test('a message that WhatsApp could not deliver is shown with its reason', async () => {
  const customer = shop.customer()
  shop.emulators.whatsapp.faults.set({ failureRate: 1 })
  await customer.phone.sendText('help')
  await shop.settled()
  shop.emulators.whatsapp.faults.reset()
  const { items } = await shop.get(`/customers/${customer.id}/messages`)
  assert.equal(items[0].status, 'failed')
  assert.match(items[0].reason, /131026/)
  assert.match(await shop.page(`/conversations/${customer.id}`), /131026/)
})

test('people who hide their number are who their user id says', async () => {
  const user = { user_id: 'GB.13491208655302741918', profile: { name: 'Nobody' } }
  const messages = [{ ...meta.text('447700900777', 'add MUG 2'), from_user_id: user.user_id }]
  const contacts = [{ ...user, wa_id: '447700900777' }]
  assert.equal((await meta.post(shop.url, meta.webhook([{ contacts, messages }]))).status, 200)
  await shop.settled()
  const { name, waId } = await shop.get(`/customers/${user.user_id}`)
  assert.deepEqual([name, waId], ['Nobody', '447700900777'])
})
