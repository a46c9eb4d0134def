import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { IncomingContent } from '../../src/ports/chat-messenger.ts'
import { InfrastructureError } from '../../src/ports/errors.ts'
import {
  answerVerification,
  parseWhatsAppWebhook,
  signWhatsAppPayload,
  verifyWhatsAppSignature,
} from '../../src/services/index.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const metadata = { display_phone_number: '15550783881', phone_number_id: '106540352242922' }
const sentAt = new Date(1_749_854_575_000)

function webhook(...values: object[]): object {
  const changes = values.map(value => ({
    field: 'messages',
    value: { messaging_product: 'whatsapp', metadata, ...value },
  }))
  return { object: 'whatsapp_business_account', entry: [{ id: 'WABA', changes }] }
}

const message = (rest: object) => ({ from: '16505551234', id: 'wamid.1', timestamp: '1749854575', ...rest })
const parse = (value: unknown) => parseWhatsAppWebhook(bytes(JSON.stringify(value)))
const parseOne = (rest: object) => parse(webhook({ messages: [message(rest)] })).messages[0]!

describe('parseWhatsAppWebhook', () => {
  test('reads a text with its sender', () => {
    const contacts = [
      { profile: { name: 'Other' }, wa_id: '1' },
      { profile: { name: 'Sheena Nelson' }, wa_id: '16505551234', user_id: 'US.1' },
    ]
    const text = message({
      type: 'text',
      text: { body: 'Does it come in green?' },
      context: { id: 'wamid.0' },
    })
    assert.deepEqual(parse(webhook({ contacts, messages: [text] })), {
      messages: [
        {
          id: 'wamid.1',
          from: '16505551234',
          userId: 'US.1',
          profileName: 'Sheena Nelson',
          sentAt,
          phoneNumberId: '106540352242922',
          replyTo: 'wamid.0',
          content: { type: 'text', body: 'Does it come in green?' },
        },
      ],
      statuses: [],
    })
  })

  test('knows a customer without a number by the user id', () => {
    const contacts = [{ profile: { name: 'Ann' }, user_id: 'US.1' }]
    const { from: _, ...rest } = message({ type: 'text', text: { body: 'Hi' } })
    const [read] = parse(webhook({ contacts, messages: [{ ...rest, from_user_id: 'US.1' }] })).messages
    assert.deepEqual([read!.from, read!.userId, read!.profileName], ['US.1', 'US.1', 'Ann'])
  })

  const contents: readonly [string, object, IncomingContent][] = [
    [
      'a reply button',
      { type: 'interactive', interactive: { type: 'button_reply', button_reply: { id: 'ok', title: 'OK' } } },
      { type: 'button_reply', id: 'ok', title: 'OK' },
    ],
    [
      'a list row',
      {
        type: 'interactive',
        interactive: { type: 'list_reply', list_reply: { id: 'r', title: 'Row', description: 'D' } },
      },
      { type: 'list_reply', id: 'r', title: 'Row', description: 'D' },
    ],
    [
      'another interactive reply',
      { type: 'interactive', interactive: { type: 'nfm_reply', nfm_reply: {} } },
      { type: 'unsupported', kind: 'nfm_reply' },
    ],
    [
      "a template's button",
      { type: 'button', button: { payload: 'yes', text: 'Yes' } },
      { type: 'button', payload: 'yes', text: 'Yes' },
    ],
    [
      'an order',
      {
        type: 'order',
        order: {
          catalog_id: '194836987003835',
          text: 'Love these!',
          product_items: [
            { product_retailer_id: '85123A', quantity: 6, item_price: 2.55, currency: 'GBP' },
            { product_retailer_id: 'M', quantity: '2', item_price: '0.123', currency: 'GBP' },
          ],
        },
      },
      {
        type: 'order',
        catalogId: '194836987003835',
        text: 'Love these!',
        items: [
          { productId: '85123A', quantity: 6, unitPrice: '2.55', currency: 'GBP' },
          { productId: 'M', quantity: 2, unitPrice: '0.123', currency: 'GBP' },
        ],
      },
    ],
    [
      'an image',
      { type: 'image', image: { id: 'm', mime_type: 'image/jpeg', caption: 'This one', sha256: 'x' } },
      { type: 'media', kind: 'image', mediaId: 'm', mimeType: 'image/jpeg', caption: 'This one' },
    ],
    [
      'a document',
      { type: 'document', document: { id: 'm', filename: 'a.pdf' } },
      { type: 'media', kind: 'document', mediaId: 'm', filename: 'a.pdf' },
    ],
    [
      'a location',
      { type: 'location', location: { latitude: 37.4847, longitude: -122.1486, name: 'HQ' } },
      { type: 'location', latitude: 37.4847, longitude: -122.1486, name: 'HQ' },
    ],
    [
      'a reaction',
      { type: 'reaction', reaction: { message_id: 'wamid.0', emoji: '👍' } },
      { type: 'reaction', messageId: 'wamid.0', emoji: '👍' },
    ],
    [
      'a reaction that is taken back',
      { type: 'reaction', reaction: { message_id: 'wamid.0' } },
      { type: 'reaction', messageId: 'wamid.0' },
    ],
    [
      'a changed number',
      { type: 'system', system: { body: 'changed', wa_id: '1600', type: 'user_changed_number' } },
      { type: 'system', kind: 'user_changed_number', body: 'changed', newId: '1600' },
    ],
    [
      'what the service cannot show',
      { type: 'unsupported', errors: [{ code: 131_051, title: 'Unsupported' }] },
      { type: 'unsupported', kind: 'unsupported' },
    ],
    ['a kind of the future', { type: 'hologram', hologram: 1 }, { type: 'unsupported', kind: 'hologram' }],
  ]
  for (const [name, raw, content] of contents)
    test(`reads ${name}`, () => assert.deepEqual(parseOne(raw).content, content))

  test('reads statuses, and leaves out those that it does not know', () => {
    const status = (rest: object) => ({
      id: 'wamid.1',
      status: 'sent',
      timestamp: '1749854575',
      recipient_id: '1650',
      ...rest,
    })
    const failed = {
      status: 'failed',
      errors: [{ code: 131_047, title: 'Re-engagement message', href: 'x' }],
    }
    const correlated = { status: 'delivered', biz_opaque_callback_data: 'order-42' }
    const { statuses } = parse(
      webhook({ statuses: [status({}), status(correlated), status({ status: 'warped' }), status(failed)] }),
    )
    const base = { id: 'wamid.1', at: sentAt, recipient: '1650' }
    assert.deepEqual(statuses, [
      { ...base, status: 'sent', errors: [] },
      { ...base, status: 'delivered', correlation: 'order-42', errors: [] },
      { ...base, status: 'failed', errors: [{ code: 131_047, title: 'Re-engagement message' }] },
    ])
  })

  test('reads every message of every change of every entry, and skips other changes', () => {
    const of = (id: string) => ({ messages: [message({ id, type: 'text', text: { body: id } })] })
    const first = webhook(of('a'), of('b')) as { entry: { changes: object[] }[] }
    const second = webhook(of('c')) as { entry: object[] }
    first.entry[0]!.changes.push({ field: 'account_update', value: 7 })
    const { messages } = parse({ ...first, entry: [...first.entry, ...second.entry, { changes: [] }] })
    assert.deepEqual(
      messages.map(({ id }) => id),
      ['a', 'b', 'c'],
    )
  })

  test('keeps the value of every price exactly', () => {
    const priceOf = (source: string) => {
      const order = {
        product_items: [{ product_retailer_id: 'P', quantity: 1, item_price: 0, currency: 'GBP' }],
      }
      const text = JSON.stringify(webhook({ messages: [message({ type: 'order', order })] }))
      const raw = bytes(text.replace('"item_price":0', `"item_price": ${source}`))
      const { content } = parseWhatsAppWebhook(raw).messages[0]!
      return content.type === 'order' ? content.items[0]!.unitPrice : assert.fail()
    }
    const sources = [
      '0',
      '2.55',
      '-3.1',
      '0.001',
      '649.5',
      '12345678901.123',
      '1234567890123456.789',
      '0.12345678901234567',
    ]
    for (const source of sources) assert.equal(priceOf(source), source)
    assert.equal(priceOf('2.50'), '2.5')
    assert.equal(priceOf('1e-7'), '0.0000001')
    assert.equal(priceOf('1.5e22'), '15000000000000000000000')
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 20n), fc.integer({ min: 1, max: 8 }), (units, scale) => {
        const digits = units.toString().padStart(scale + 1, '0')
        const source = `${digits.slice(0, -scale)}.${digits.slice(-scale)}`
        const plain = (text: string) => text.replace(/\.?0+$/, '')
        assert.equal(plain(`${priceOf(source)}${priceOf(source).includes('.') ? '' : '.0'}`), plain(source))
      }),
    )
  })

  const text = message({ type: 'text', text: { body: 'Hi' } })
  const malformed: readonly [string, unknown][] = [
    ['the body', []],
    ['the body', null],
    ['object', {}],
    ['object', { object: 'page', entry: [] }],
    ['entry', { object: 'whatsapp_business_account' }],
    ['entry[0]', { object: 'whatsapp_business_account', entry: [1] }],
    ['messages[0].id', webhook({ messages: [{ ...text, id: undefined }] })],
    ['messages[0].from', webhook({ messages: [{ ...text, from: undefined }] })],
    ['messages[0].timestamp', webhook({ messages: [{ ...text, timestamp: 'today' }] })],
    ['messages[0].type', webhook({ messages: [{ ...text, type: undefined }] })],
    ['messages[0].text', webhook({ messages: [{ ...text, text: undefined }] })],
    ['messages[0].text.body', webhook({ messages: [{ ...text, text: { body: 7 } }] })],
    ['messages[0].order.product_items', webhook({ messages: [message({ type: 'order', order: {} })] })],
    ['messages', webhook({ messages: 'none' })],
    ['statuses[0].id', webhook({ statuses: [{ status: 'sent' }] })],
    ['metadata', webhook({ metadata: undefined })],
  ]
  for (const [place, value] of malformed)
    test(`refuses a request whose ${place} is malformed: ${JSON.stringify(value).slice(0, 60)}`, () => {
      assert.throws(
        () => parse(value),
        error =>
          InfrastructureError.is(error, 'invalid_argument') && error.message.includes(`${place} is not`),
      )
    })

  test('refuses what is no JSON, or no UTF-8', () => {
    for (const raw of [bytes(''), bytes('{"object":'), new Uint8Array([0xff, 0xfe, 0x7b])])
      assert.throws(() => parseWhatsAppWebhook(raw), { code: 'invalid_argument' })
  })

  test('throws nothing but InfrastructureError, and shows nothing of the body', () => {
    const names = [
      'from',
      'id',
      'timestamp',
      'type',
      'text',
      'order',
      'interactive',
      'image',
      'product_items',
      'body',
    ]
    const anything = fc.oneof(fc.jsonValue(), fc.constantFrom('text', 'order', 'interactive', '1749854575'))
    const part = fc.dictionary(
      fc.constantFrom(...names),
      fc.oneof(anything, fc.dictionary(fc.constantFrom(...names), anything)),
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          part,
          part.map(value => webhook({ messages: [value] })),
        ),
        value => {
          try {
            parse(value)
          } catch (error) {
            assert.ok(InfrastructureError.is(error, 'invalid_argument'), String(error))
          }
        },
      ),
    )
    fc.assert(
      fc.property(fc.uint8Array(), raw => {
        assert.throws(
          () => parseWhatsAppWebhook(raw),
          error => InfrastructureError.is(error),
        )
      }),
    )
  })
})

describe('WhatsApp signatures', () => {
  test('are the HMAC of the bytes as they came, escapes and all', () => {
    const raw = bytes('{"name":"Zo\\u00eb"}')
    const header = `sha256=${createHmac('sha256', 'app secret').update(raw).digest('hex')}`
    assert.equal(signWhatsAppPayload(raw, 'app secret'), header)
    assert.ok(verifyWhatsAppSignature(raw, header, 'app secret'))
    assert.ok(verifyWhatsAppSignature(raw, header, { reveal: () => 'app secret' }))
    assert.ok(!verifyWhatsAppSignature(bytes('{"name":"Zoë"}'), header, 'app secret'))
  })

  test('verify for the signed bytes and secret, and for no others', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string({ minLength: 1 }), fc.nat(), (raw, secret, at) => {
        const header = signWhatsAppPayload(raw, secret)
        assert.ok(verifyWhatsAppSignature(raw, header, secret))
        assert.ok(!verifyWhatsAppSignature(raw, header, `${secret}x`))
        assert.ok(!verifyWhatsAppSignature(new Uint8Array([...raw, 0]), header, secret))
        const place = 7 + (at % 64)
        const other = header[place] === '0' ? '1' : '0'
        const forged = header.slice(0, place) + other + header.slice(place + 1)
        assert.ok(!verifyWhatsAppSignature(raw, forged, secret))
      }),
    )
  })

  test('never verify when they are missing or of another form, and never throw', () => {
    const raw = bytes('{}')
    const digest = signWhatsAppPayload(raw, 's').slice(7)
    for (const header of [
      undefined,
      '',
      'sha256=',
      digest,
      `sha1=${digest}`,
      `sha256=${digest}00`,
      `sha256=${digest.slice(2)}`,
    ])
      assert.equal(verifyWhatsAppSignature(raw, header, 's'), false)
    fc.assert(fc.property(fc.string(), header => !verifyWhatsAppSignature(raw, header, 's')))
  })

  test('cannot be checked without a secret', () => {
    assert.throws(() => verifyWhatsAppSignature(bytes('{}'), 'sha256=', ''), { code: 'invalid_argument' })
  })
})

describe('answerVerification', () => {
  const query = { 'hub.mode': 'subscribe', 'hub.verify_token': 'token', 'hub.challenge': '1158201444' }

  test('echoes the challenge to who knows the token', () => {
    assert.equal(answerVerification(query, 'token'), '1158201444')
    assert.equal(answerVerification(new URLSearchParams(query), 'token'), '1158201444')
  })

  test('says nothing to anybody else', () => {
    for (const wrong of [
      { 'hub.verify_token': 'other' },
      { 'hub.mode': 'unsubscribe' },
      { 'hub.verify_token': ['token'] },
      { 'hub.challenge': undefined },
    ])
      assert.equal(answerVerification({ ...query, ...wrong }, 'token'), undefined)
    assert.equal(answerVerification({}, 'token'), undefined)
  })
})
