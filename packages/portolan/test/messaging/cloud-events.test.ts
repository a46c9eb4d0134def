import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Arrival, fromTransport, toHeaders, toStructured } from '../../src/messaging/cloud-events.ts'
import { decodeHeader, encodeHeader } from '../../src/messaging/drivers/nats/header-text.ts'
import { headersOf } from '../../src/messaging/drivers/rabbitmq/headers.ts'
import type { WireMessage } from '../../src/messaging/index.ts'

const place = 'orders/3/17'

function arrival(given: Partial<Arrival>): Arrival {
  return { headers: [], contentType: undefined, body: '{}', topic: 'shop.order.placed', place, ...given }
}

function faultOf(given: Partial<Arrival>): string | undefined {
  return fromTransport('ce_', arrival(given)).fault
}

describe('CloudEvents over a transport', () => {
  test('a message survives the way over the headers of any transport, and in one document', () => {
    const text = fc
      .string({ unit: 'grapheme' })
      .filter(value => value.isWellFormed() && !value.includes('\0'))
    const messages = fc.record({
      id: fc.uuid(),
      topic: fc.constantFrom('shop.order.placed', 'a'),
      key: fc.option(text, { nil: undefined }),
      attributes: fc.record({ source: text, subject: text, correlationid: text }, { requiredKeys: [] }),
      payload: fc.json(),
    })
    fc.assert(
      fc.property(messages, fc.constantFrom('', 'ce-', 'ce_', 'cloudEvents_'), (given, prefix) => {
        const message: WireMessage = { ...given, attributes: { ...given.attributes }, group: undefined }
        const headers = Object.entries(toHeaders(message, prefix))
        const body = new TextEncoder().encode(message.payload)
        const contentType = prefix === 'ce_' ? 'application/json; charset=utf-8' : undefined
        assert.deepEqual(fromTransport(prefix, arrival({ headers, body, contentType })), message)
        const structured = { contentType: 'application/cloudevents+json', body: toStructured(message) }
        const payload = JSON.stringify(JSON.parse(message.payload))
        assert.deepEqual(fromTransport(prefix, arrival(structured)), { ...message, payload })
      }),
    )
  })

  test('of another language, in one JSON document, it is the same', () => {
    const event = {
      ...{ specversion: '1.0', id: 'a-1', source: '/till', type: 'shop.order.placed', partitionkey: 'k' },
      data: { n: 1 },
    }
    const contentType = 'application/cloudevents+json; charset=UTF-8'
    assert.deepEqual(fromTransport('ce_', arrival({ contentType, body: JSON.stringify(event) })), {
      ...{ id: 'a-1', topic: 'shop.order.placed', key: 'k', attributes: { source: '/till' } },
      ...{ payload: '{"n":1}', group: undefined },
    })
    const { data: _, ...bare } = event
    const encoded = JSON.stringify({ ...bare, data_base64: btoa('{"n":2}') })
    assert.equal(fromTransport('ce_', arrival({ contentType, body: encoded })).payload, '{"n":2}')
  })

  test('what says neither id nor type has those of its place and topic', () => {
    const { id, topic, fault } = fromTransport('ce_', arrival({}))
    assert.deepEqual([id, topic, fault], [place, 'shop.order.placed', undefined])
  })

  test('what makes no sense says why, and can be kept', () => {
    const bytes = Uint8Array.of(0xff, 0xfe)
    assert.match(faultOf({ body: bytes })!, /no UTF-8/)
    assert.match(faultOf({ body: 'a\0b' })!, /NUL/)
    assert.match(faultOf({ headers: [['ce_subject', bytes]] })!, /'subject' is no text/)
    assert.match(faultOf({ headers: [['ce_subject', { a: 1 }]] })!, /'subject' is no text/)
    assert.match(faultOf({ headers: [['ce_specversion', '0.3']] })!, /CloudEvents 0\.3/)
    assert.match(faultOf({ headers: [['ce_type', 'x'.repeat(201)]] })!, /more than 200 characters/)
    assert.match(faultOf({ headers: [['ce_time', 'yesterday']] })!, /'time' is no point in time/)
    assert.match(faultOf({ contentType: 'application/xml' })!, /application\/xml, not JSON/)
    assert.match(faultOf({ contentType: 'application/cloudevents+json', body: '{' })!, /no JSON/)
    const structured = 'application/cloudevents+json'
    assert.match(faultOf({ contentType: structured, body: '{"data_base64":"%"}' })!, /no base64/)
    // More than a stack holds.
    const nested = `{"data":${'['.repeat(1e6)}${']'.repeat(1e6)}}`
    assert.match(faultOf({ contentType: structured, body: nested })!, /nested too deeply|no JSON/)
    fc.assert(
      fc.property(
        fc.uint8Array(),
        fc.constantFrom(undefined, 'application/cloudevents+json'),
        (body, contentType) => {
          const { payload } = fromTransport('ce_', arrival({ body, contentType, headers: [['ce_x', body]] }))
          assert.ok(payload.isWellFormed() && !payload.includes('\0'))
        },
      ),
    )
  })
})

describe('attributes as each transport has them', () => {
  test('of AMQP: under both of its prefixes, and moments of its own type', () => {
    const timestamp = { '!': 'timestamp', value: 1_700_000_000 }
    const never = { '!': 'timestamp', value: 1e300 }
    assert.deepEqual(
      headersOf({
        ...{ 'cloudEvents:id': 'a', cloudEvents_id: 'b', 'CLOUDEVENTS:type': 'c', other: 1 },
        ...{ cloudEvents_time: timestamp, cloudEvents_never: never },
      }),
      [
        ['cloudEvents_id', 'a'],
        ['cloudEvents_id', 'b'],
        ['cloudEvents_type', 'c'],
        ['other', 1],
        ['cloudEvents_time', '2023-11-14T22:13:20.000Z'],
        ['cloudEvents_never', never],
      ],
    )
    assert.deepEqual(headersOf(undefined), [])
  })

  test('of NATS: percent-encoded, or quoted as older versions have it', () => {
    assert.equal(encodeHeader('Euro \u20ac \u{1f600}'), 'Euro%20%E2%82%AC%20%F0%9F%98%80')
    const known = [
      ['Euro%20%e2%82%ac', 'Euro \u20ac'],
      ['"a \\"b\\" \\\\"', 'a "b" \\'],
      ['100%', '100%'],
      ['"', '"'],
      // An overlong space.
      ['%C0%A0', undefined],
    ] as const
    for (const [header, text] of known) assert.equal(decodeHeader(header), text)
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), text => {
        if (text.isWellFormed()) assert.equal(decodeHeader(encodeHeader(text)), text)
      }),
    )
  })
})
