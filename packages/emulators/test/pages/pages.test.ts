import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import nodemailer from 'nodemailer'
import type { Emulators } from '../../src/index.ts'
import { charge, request, send, startEmulators } from '../support/emulators.ts'

const nasty = `<script>alert(1)</script><img src=x onerror=alert(2)>"'&`

let emulators: Emulators
before(async () => {
  emulators = await startEmulators(undefined, {
    catalogue: async ({ search }) =>
      search === 'none' ? [] : [{ id: nasty, name: nasty, price: '2.55', currency: 'GBP' }],
  })
})
after(() => emulators.stop())

const page = async (path: string) => {
  const response = await fetch(emulators.url + path)
  return { status: response.status, headers: response.headers, text: await response.text() }
}

test('nothing that anybody says becomes HTML', async () => {
  const customer = emulators.whatsapp.customer('447700900123', { name: nasty })
  await customer.sendText(nasty)
  await customer.sendOrder({
    items: [{ productId: nasty, quantity: 1, unitPrice: '1', currency: nasty }],
    text: nasty,
  })
  const buttons = [{ type: 'reply', reply: { id: nasty, title: '<b>"\'&' } }]
  await send(emulators, {
    type: 'interactive',
    interactive: {
      type: 'button',
      header: { type: 'text', text: '<i>' },
      body: { text: nasty },
      footer: { text: '<u>' },
      action: { buttons },
    },
  })
  const rows = [{ id: nasty, title: '<b>"\'&', description: '<i>"\'&' }]
  await send(emulators, {
    type: 'interactive',
    interactive: {
      type: 'list',
      body: { text: nasty },
      action: { button: '<b>', sections: [{ title: '<s>', rows }] },
    },
  })
  await charge(emulators, nasty, { reference: nasty, customer: nasty, amount: '1' })
  const transport = nodemailer.createTransport(emulators.mail.url)
  await transport.sendMail({
    from: 'a@example.com',
    to: 'b@example.com',
    subject: nasty,
    html: nasty,
    text: nasty,
    messageId: '<x@example.com>',
  })
  transport.close()

  for (const path of [
    '/',
    '/chat',
    '/chat/447700900123',
    '/chat/conversations',
    '/chat/catalogue',
    '/payments',
    '/mail',
    '/mail/x@example.com?view=text',
    '/mail/x@example.com?view=source',
  ]) {
    const { status, text, headers } = await page(path)
    assert.equal(status, 200, path)
    assert.doesNotMatch(text, /<script>|<img src=x|<i>|<u>|<b>"/, path)
    if (headers.get('content-type')?.startsWith('text/html')) {
      assert.match(
        headers.get('content-security-policy') ?? '',
        /default-src 'none'; script-src 'self'/,
        path,
      )
    }
  }
})

test('the HTML of a mail stands alone: no scripts, nothing from elsewhere', async () => {
  const { headers } = await page('/mail/x@example.com/html')
  assert.match(headers.get('content-security-policy') ?? '', /^sandbox; default-src 'none';/)
  const view = await page('/mail/x@example.com')
  assert.match(view.text, /<iframe [^>]*sandbox=""/)
})

test('WhatsApp’s marks and links are shown', async () => {
  await emulators.whatsapp
    .customer('447700900555')
    .sendText('*bold* _it_ ~no~ ```a*b*c``` 2*3*4 https://example.org/?a=1&b="x')
  const { text } = await page('/chat/447700900555')
  assert.match(text, /<strong>bold<\/strong> <em>it<\/em> <s>no<\/s> <code>a\*b\*c<\/code> 2\*3\*4/)
  assert.match(
    text,
    /<a href="https:\/\/example\.org\/\?a=1&amp;b=" target="_blank" rel="noopener noreferrer">/,
  )
})

test('customers are made, and say things, over JSON too', async () => {
  const made = await request('POST', `${emulators.url}/chat/customers`, {
    waId: '+44 (7700) 900-777',
    name: ' Ada ',
  })
  assert.deepEqual(made.json, { waId: '447700900777', url: '/chat/447700900777' })
  const wrong = await request('POST', `${emulators.url}/chat/customers`, { waId: 'Ada' })
  assert.deepEqual([wrong.status, typeof wrong.json.error], [400, 'string'])

  const say = (body: object) => request('POST', `${emulators.url}/chat/447700900777/messages`, body)
  const { status, json } = await say({ kind: 'text', text: 'menu', id: 'wamid.given' })
  assert.deepEqual([status, json], [201, { id: 'wamid.given' }])
  await say({ kind: 'button', option: 'ok', title: 'OK', replyTo: 'wamid.x' })
  await say({ kind: 'row', option: 'r', title: 'Row', description: 'D' })
  await say({ kind: 'order', items: [{ productId: 'p', quantity: 2, unitPrice: '2.55', currency: 'GBP' }] })
  assert.deepEqual(
    emulators.whatsapp.messages({ waId: '447700900777' }).map(message => [message.type, message.text]),
    [
      ['text', 'menu'],
      ['interactive', 'OK'],
      ['interactive', 'Row'],
      ['order', 'Order of 1 item'],
    ],
  )
  for (const body of [
    {},
    { kind: 'text' },
    { kind: 'text', text: ' ' },
    { kind: 'order', items: [] },
    { kind: 'shout', text: 'x' },
  ]) {
    assert.equal((await say(body)).status, 400)
  }
})

test('faults are read, switched and reset over HTTP', async () => {
  const url = `${emulators.url}/control/faults`
  const switched = await request('PUT', url, { whatsapp: { errorRate: 0.5 }, mail: { down: true } })
  assert.deepEqual(switched.json.active, ['whatsapp', 'mail'])
  assert.equal(emulators.whatsapp.faults.current.errorRate, 0.5)
  assert.match((await page('/')).text, /data-service="whatsapp" data-active="true"/)
  assert.equal((await request('PUT', url, { whatsapp: { nonsense: 1 } })).status, 400)
  assert.equal((await request('PUT', url, { telegram: {} })).status, 400)
  assert.equal((await request('PUT', url, 'null')).status, 400)
  assert.deepEqual((await request('DELETE', `${url}/mail`)).json.active, ['whatsapp'])
  assert.deepEqual((await request('DELETE', url)).json.active, [])
})

test('unknown pages and files lead nowhere', async () => {
  assert.equal((await page('/assets/../emulators.ts')).status, 404)
  assert.equal((await page('/assets/%2e%2e%2femulators.ts')).status, 404)
  assert.equal((await page('/assets/constructor')).status, 404)
  assert.equal((await page('/nothing')).status, 404)
  assert.match((await page('/chat/999999')).text, /Play a customer/)
  assert.match((await page('/chat/catalogue?search=none')).text, /No product/)
})
