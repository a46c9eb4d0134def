import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Emulators, OutboundMessage } from '../../src/index.ts'
import { phoneNumberId, request, send, startEmulators } from '../support/emulators.ts'

let emulators: Emulators
before(async () => {
  emulators = await startEmulators()
})
after(() => emulators.stop())

const buttons = (list: readonly { id: string; title: string }[], body = 'Confirm?') => ({
  type: 'interactive',
  interactive: {
    type: 'button',
    body: { text: body },
    action: { buttons: list.map(reply => ({ type: 'reply', reply })) },
  },
})
const list = (sections: readonly object[], button = 'Choose') => ({
  type: 'interactive',
  interactive: { type: 'list', body: { text: 'Pick one' }, action: { button, sections } },
})
const rows = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({ id: `r${from + index}`, title: `Row ${from + index}` }))
const long = (length: number) => 'x'.repeat(length)

test('a text is answered as the Cloud API does', async () => {
  const { status, json } = await send(emulators, {
    to: '+44 7700 900123',
    type: 'text',
    text: { body: 'Hello' },
  })
  assert.equal(status, 200)
  assert.deepEqual(json.contacts, [{ input: '+44 7700 900123', wa_id: '447700900123' }])
  assert.equal(json.messaging_product, 'whatsapp')
  assert.match(json.messages[0].id, /^wamid\./)
})

test('every accepted message is told to the listener, with all that a customer can do with it', async () => {
  const heard: OutboundMessage[] = []
  const end = emulators.whatsapp.onMessage(message => heard.push(message))
  const { json } = await send(emulators, {
    ...buttons([{ id: 'ok:42', title: 'Confirm' }]),
    recipient_type: 'individual',
    context: { message_id: 'wamid.before' },
    biz_opaque_callback_data: 'order:42',
  })
  await send(emulators, list([{ rows: [{ id: 'a', title: 'A', description: 'The first' }] }]))
  end()
  const [first, second] = heard
  assert.equal(first?.id, json.messages[0].id)
  assert.deepEqual(
    [first?.waId, first?.text, first?.replyTo, first?.correlation],
    ['447700900123', 'Confirm?', 'wamid.before', 'order:42'],
  )
  assert.deepEqual(first?.buttons, [{ id: 'ok:42', title: 'Confirm' }])
  assert.deepEqual(second?.list, {
    button: 'Choose',
    sections: [{ rows: [{ id: 'a', title: 'A', description: 'The first' }] }],
  })
  const [stored] = emulators.whatsapp.messages({ replyTo: 'wamid.before' })
  assert.equal(stored?.id, first?.id)
})

const accepted: readonly [name: string, body: object][] = [
  ['text without a type', { text: { body: 'Hello' } }],
  ['text of 4,096 characters', { type: 'text', text: { body: long(4096), preview_url: false } }],
  ['three buttons', buttons(['a', 'b', 'c'].map(id => ({ id, title: long(19) + id })))],
  ['body of 1,024 characters', buttons([{ id: 'a', title: 'A' }], long(1024))],
  [
    'ten rows over two sections',
    list([
      { title: 'One', rows: rows(5) },
      { title: 'Two', rows: rows(5, 5) },
    ]),
  ],
  ['image by link', { type: 'image', image: { link: 'https://example.org/a.jpg', caption: 'A' } }],
  ['document by id', { type: 'document', document: { id: '1', filename: 'receipt.pdf' } }],
  ['reaction', { type: 'reaction', reaction: { message_id: 'wamid.x', emoji: '👍' } }],
  ['location', { type: 'location', location: { latitude: 51.5, longitude: -0.1, name: 'London' } }],
]
for (const [name, body] of accepted) {
  test(`accepted: ${name}`, async () => {
    const { status, json } = await send(emulators, body)
    assert.equal(status, 200, JSON.stringify(json))
  })
}

const refused: readonly [name: string, code: number, body: unknown][] = [
  ['no JSON', 100, '{"messaging_product":'],
  ['no object', 100, '[]'],
  ['no messaging_product', 100, { messaging_product: undefined, text: { body: 'x' } }],
  ['no recipient', 100, { to: undefined, text: { body: 'x' } }],
  ['recipient without digits', 131009, { to: 'Ada', text: { body: 'x' } }],
  ['unknown type', 100, { type: 'telegram' }],
  ['no text', 131008, { type: 'text' }],
  ['no body', 131008, { type: 'text', text: {} }],
  ['unknown property of text', 131009, { type: 'text', text: { body: 'x', colour: 'red' } }],
  ['text of 4,097 characters', 100, { type: 'text', text: { body: long(4097) } }],
  ['no buttons', 131009, buttons([])],
  ['four buttons', 131009, buttons(['a', 'b', 'c', 'd'].map(id => ({ id, title: id })))],
  ['button title of 21 characters', 131009, buttons([{ id: 'a', title: long(21) }])],
  ['empty button title', 131009, buttons([{ id: 'a', title: '' }])],
  ['button id of 257 characters', 131009, buttons([{ id: long(257), title: 'A' }])],
  [
    'equal button ids',
    131009,
    buttons([
      { id: 'a', title: 'A' },
      { id: 'a', title: 'B' },
    ]),
  ],
  [
    'equal button titles',
    131009,
    buttons([
      { id: 'a', title: 'A' },
      { id: 'b', title: 'A' },
    ]),
  ],
  ['body of 1,025 characters', 131009, buttons([{ id: 'a', title: 'A' }], long(1025))],
  [
    'buttons without a body',
    131008,
    {
      type: 'interactive',
      interactive: {
        type: 'button',
        action: { buttons: [{ type: 'reply', reply: { id: 'a', title: 'A' } }] },
      },
    },
  ],
  ['no rows', 131009, list([{ title: 'One', rows: [] }])],
  [
    'eleven rows over two sections',
    131009,
    list([
      { title: 'One', rows: rows(6) },
      { title: 'Two', rows: rows(5, 6) },
    ]),
  ],
  ['sections without titles', 131009, list([{ rows: rows(1) }, { rows: rows(1, 1) }])],
  [
    'eleven sections',
    131009,
    list(Array.from({ length: 11 }, (_, i) => ({ title: `S${i}`, rows: rows(1, i) }))),
  ],
  ['row title of 25 characters', 131009, list([{ rows: [{ id: 'a', title: long(25) }] }])],
  [
    'row description of 73 characters',
    131009,
    list([{ rows: [{ id: 'a', title: 'A', description: long(73) }] }]),
  ],
  ['row id of 201 characters', 131009, list([{ rows: [{ id: long(201), title: 'A' }] }])],
  [
    'equal row ids',
    131009,
    list([
      {
        rows: [
          { id: 'a', title: 'A' },
          { id: 'a', title: 'B' },
        ],
      },
    ]),
  ],
  ['list button of 21 characters', 131009, list([{ rows: rows(1) }], long(21))],
  [
    '31 products',
    131009,
    {
      type: 'interactive',
      interactive: {
        type: 'product_list',
        body: { text: 'x' },
        action: {
          catalog_id: '1',
          sections: [
            {
              title: 'A',
              product_items: Array.from({ length: 16 }, (_, i) => ({ product_retailer_id: `a${i}` })),
            },
            {
              title: 'B',
              product_items: Array.from({ length: 15 }, (_, i) => ({ product_retailer_id: `b${i}` })),
            },
          ],
        },
      },
    },
  ],
  ['image with neither id nor link', 131008, { type: 'image', image: { caption: 'A' } }],
  ['callback data of 513 characters', 100, { text: { body: 'x' }, biz_opaque_callback_data: long(513) }],
  ['unknown template', 132001, { type: 'template', template: { name: 'nope', language: { code: 'en' } } }],
]
for (const [name, code, body] of refused) {
  test(`refused with ${code}: ${name}`, async () => {
    const url = `${emulators.whatsapp.url}/v23.0/${phoneNumberId}/messages`
    const { status, json } =
      typeof body === 'string'
        ? await request('POST', url, body, { authorization: 'Bearer token' })
        : await send(emulators, body as object)
    assert.equal(json.error.code, code, JSON.stringify(json))
    assert.equal(json.error.type, 'OAuthException')
    assert.ok(json.error.error_data.details.length > 0)
    assert.ok(json.error.fbtrace_id.length > 0)
    assert.equal(status, code === 132001 ? 404 : 400)
  })
}

test('a wrong token is refused with 190, before anything else is looked at', async () => {
  for (const token of ['wrong', '']) {
    const { status, json } = await send(emulators, { type: 'nonsense' }, token)
    assert.equal(status, 401)
    assert.equal(json.error.code, 190)
  }
})

test('another phone number, or another path, is an object that does not exist', async () => {
  for (const path of ['/v23.0/999/messages', '/v23.0/nothing/at/all']) {
    const { status, json } = await request(
      'POST',
      emulators.whatsapp.url + path,
      { a: 1 },
      { authorization: 'Bearer token' },
    )
    assert.deepEqual([status, json.error.code, json.error.error_subcode], [400, 100, 33])
  }
})

test('a read receipt marks the message; typing comes with it', async () => {
  const id = await emulators.whatsapp.customer('447700900123').sendText('Hi')
  const kinds: string[] = []
  const end = emulators.whatsapp.events.subscribe(event => kinds.push(event.kind))
  const body = { messaging_product: 'whatsapp', status: 'read', message_id: id }
  const { json } = await send(emulators, { ...body, to: undefined, typing_indicator: { type: 'text' } })
  end()
  assert.deepEqual(json, { success: true })
  assert.deepEqual(kinds, ['status', 'typing'])
  assert.equal(emulators.whatsapp.find(id)?.status, 'read')

  const unknown = await send(emulators, { ...body, message_id: 'wamid.unknown' })
  assert.equal(unknown.json.error.code, 131009)
})

test('faults: refusals with a chosen code, downtime, and rate limits', async () => {
  const { faults } = emulators.whatsapp
  const text = { text: { body: 'x' }, to: '447700900999' }
  faults.set({ errorCodeRate: 1, errorCode: 131056 })
  assert.equal((await send(emulators, text)).json.error.code, 131056)
  faults.reset()
  faults.set({ down: true })
  assert.deepEqual(
    [(await send(emulators, text)).status, (await send(emulators, text)).json.error.code],
    [503, 2],
  )
  faults.reset()
  faults.set({ errorRate: 1 })
  assert.equal((await send(emulators, text)).status, 500)
  faults.reset()
  faults.set({ pairRateLimit: true })
  const codes = await Promise.all(
    Array.from({ length: 60 }, async () => (await send(emulators, text)).json.error?.code),
  )
  faults.reset()
  assert.ok(codes.filter(code => code === 131056).length >= 10, 'the pair is limited to 45 at once')
  assert.equal((await send(emulators, text)).status, 200)
  assert.throws(() => faults.set({ errorRate: 2 }), { code: 'invalid_argument' })
})
