import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openShop, type Shop, until } from '../harness/index.ts'

/** Services of others that do not answer: tried again and again, shown to the staff, given up at last, and taken up again. */

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
})
afterEach(() => shop[Symbol.asyncDispose]())

const submit = (path: string, fields: Record<string, string> = {}) =>
  fetch(`${shop.url}${path}`, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })

test('a gateway that is down is tried again until it is back', async () => {
  const { payments } = shop.emulators
  payments.faults.set({ down: true })
  const customer = shop.customer()
  await customer.says('add MUG')
  const prompt = await customer.says('checkout')
  const paid = customer.taps(prompt, /^Pay/)
  const failed = (attempts: number) =>
    until(async () => {
      const [job] = await shop.services.operations.retrying(1)
      return job && job.attempt >= attempts && job
    }, `attempt ${attempts} to fail`)
  assert.equal((await failed(1)).type, 'capture-payment')

  // Staff see it between two attempts, the order waits, and the goods are kept for it.
  const shown = (path: string, text: RegExp) =>
    until(async () => text.test(await shop.page(path)), `${text} on ${path}`)
  await shown('/work', /capture-payment<\/td>[\s\S]*503/)
  await shown('/', /class="tile warning"[^>]*><b>1<\/b><span>being retried/)
  await until(async () => (await shop.get('/status')).inHand.retrying === 1, 'the status to tell')
  assert.equal((await shop.get('/orders')).items[0].status, 'placed')
  assert.equal(await shop.stock('MUG'), 19)

  // Each pause is longer than the one before.
  const pauses: number[] = []
  for (let attempts = 1; pauses.length < 4; ) {
    const job = await failed(attempts)
    pauses.push(job.nextAt.getTime() - shop.clock.now())
    shop.clock.advanceTo(job.nextAt)
    attempts = job.attempt + 1
  }
  assert.ok(pauses[3]! > pauses[0]!, `${pauses}`)

  payments.faults.reset()
  await shop.retried()
  assert.match((await paid).text, /Paid, thank you/)
  assert.equal([...payments.charges()].length, 1)
  assert.match(
    await shop.page('/work'),
    /Being retried[\s\S]*Nothing: all is well[\s\S]*Given up[\s\S]*Nothing: all/,
  )
})

test('what was tried to the last attempt is given up, and done when staff send it on its way again', async () => {
  const { payments, mail, whatsapp } = shop.emulators
  const customer = shop.customer()
  await customer.says('add MUG')
  const prompt = await customer.says('checkout')
  payments.faults.set({ down: true })
  const paid = customer.taps(prompt, /^Pay/)
  await until(async () => (await shop.get('/orders')).items.length > 0, 'the order')
  await shop.retried()

  const { items } = await shop.get('/dead-letters')
  assert.deepEqual(
    items.map(({ kind, type, attempts }: Record<string, unknown>) => ({ kind, type, attempts })),
    [{ kind: 'job', type: 'capture-payment', attempts: 8 }],
  )
  assert.match(items[0].reason, /503/)
  assert.match(await shop.page('/work'), /<button>Try all again<\/button>[\s\S]*capture-payment/)
  assert.match(await shop.page('/'), /class="tile alarm"[^>]*><b>1<\/b><span>given up/)
  assert.ok(shop.log.some(line => /A job was given up/.test(line)))

  // Too early: it is given up again.
  assert.equal((await submit('/work/replay', { kind: 'job', id: items[0].id })).status, 303)
  await shop.retried()
  const again = (await shop.get('/dead-letters')).items
  assert.equal(again.length, 1)

  payments.faults.reset()
  mail.faults.set({ down: true })
  whatsapp.faults.set({ down: true })
  assert.equal((await submit('/work/replay', { kind: 'job', id: again[0].id })).status, 303)
  await until(async () => (await shop.get('/orders')).items[0].status === 'paid', 'the payment')
  await shop.retried()
  const types = (await shop.get('/dead-letters')).items.map(({ type }: { type: string }) => type)
  assert.deepEqual(types.toSorted(), ['mail-receipt', 'send-chat-message'])
  // The receipt needed neither.
  assert.deepEqual((await shop.get('/orders')).items[0].steps, ['receipt'])

  mail.faults.reset()
  whatsapp.faults.reset()
  assert.equal((await submit('/work/replay-all')).status, 303)
  await shop.settled()
  assert.match((await paid).text, /Paid, thank you/)
  assert.equal(mail.count(), 1)
  assert.equal([...payments.charges()].length, 1)
  assert.equal((await shop.get('/status')).inHand.dead, 0)
  assert.equal((await shop.get('/orders')).items[0].steps.length, 3)
})

test('what was given up can be discarded, and unknown work is told', async () => {
  shop.emulators.whatsapp.faults.set({ down: true })
  const customer = shop.customer()
  await customer.phone.sendText('menu')
  await until(async () => (await shop.get('/status')).inHand.retrying > 0, 'the retry')
  await shop.retried()
  const [{ kind, id }] = (await shop.get('/dead-letters')).items
  assert.equal((await submit('/work/discard', { kind, id })).status, 303)
  assert.deepEqual((await shop.get('/dead-letters')).items, [])
  const gone = await submit('/work/replay', { kind, id })
  assert.equal(gone.status, 404)
  assert.equal((await submit('/work/replay', { kind: 'cron', id })).status, 400)
  assert.equal((await shop.post(`/dead-letters/${kind}/${id}/replay`, {})).status, 404)
})

test('every answer arrives once after WhatsApp was down, whoever else waited', async () => {
  const { whatsapp } = shop.emulators
  whatsapp.faults.set({ down: true })
  const [ada, bob] = [shop.customer('Ada'), shop.customer('Bob')]
  await ada.phone.sendText('add MUG 1')
  await until(async () => (await shop.get('/status')).inHand.retrying > 0, 'the first send to fail')
  await ada.phone.sendText('add MUG 2')
  await bob.phone.sendText('help')
  await shop.settled()
  whatsapp.faults.reset()
  await shop.retried()
  await shop.settled()
  // One that has to be tried again waits beside the others, and may be overtaken by them.
  const quantities = ada.heard().map(({ text }) => /(\d) × RED/.exec(text)?.[1])
  assert.deepEqual(quantities.toSorted(), ['1', '3'])
  assert.equal(bob.heard().length, 1)
})

test('a send whose answer was lost is not repeated when a status tells that it went out', async () => {
  const { whatsapp } = shop.emulators
  whatsapp.faults.set({ resetRate: 1, nextRequests: 1 })
  const customer = shop.customer()
  await customer.phone.sendText('help')
  await until(() => customer.heard().length > 0, 'the message')
  await until(() => whatsapp.pendingWebhooks() === 0, 'its statuses')
  await shop.retried()
  assert.equal(customer.heard().length, 1)
  assert.equal((await shop.get(`/customers/${customer.id}/messages`)).items[0].status, 'read')
})

test('a token that was revoked does not lose anything', async () => {
  const { whatsapp } = shop.emulators
  whatsapp.faults.set({ revoked: true })
  const customer = shop.customer()
  await customer.phone.sendText('help')
  await until(async () => {
    const { retrying, dead } = (await shop.get('/status')).inHand
    return retrying + dead > 0
  }, 'the refusal')
  await shop.retried()
  whatsapp.faults.reset()
  await submit('/work/replay-all')
  await shop.settled()
  assert.equal(customer.heard().length, 1)
})
