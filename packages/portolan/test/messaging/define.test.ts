import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { defineMessage, InfrastructureError, type Messages } from '../../src/index.ts'

const schema = z.object({ orderId: z.string(), total: z.coerce.number() })
const OrderPlaced = defineMessage('shop.order.placed', { version: 2, schema, upcasters: { 1: data => data } })

test('a definition is data that nobody can change', () => {
  assert.equal(OrderPlaced.kind, 'message')
  assert.equal(OrderPlaced.name, 'shop.order.placed')
  assert.equal(OrderPlaced.version, 2)
  assert.ok(Object.isFrozen(OrderPlaced) && Object.isFrozen(OrderPlaced.upcasters))
  const name: 'shop.order.placed' = OrderPlaced.name
  assert.equal(name, OrderPlaced.name)
})

test('names, versions and upcasters that make no sense are refused', () => {
  const refused = (make: () => unknown) =>
    assert.throws(make, (error: unknown) => InfrastructureError.is(error, 'invalid_argument'))
  for (const name of ['', 'a b', '.a', 'a.', 'a..b', 'a/b', 'ä', 'a*', 'x'.repeat(201)]) {
    refused(() => defineMessage(name, { version: 1, schema }))
  }
  for (const version of [0, -1, 1.5, Number.NaN]) refused(() => defineMessage('a', { version, schema }))
  refused(() => defineMessage('a', { version: 2, schema, upcasters: { 2: data => data } }))
  refused(() => defineMessage('a', { version: 2, schema, upcasters: { 0: data => data } }))
})

/** Compiled, never run. */
export async function types(messages: Messages): Promise<void> {
  await messages.publish(OrderPlaced, { orderId: 'a', total: 1 }, { key: 'a', delay: '5m' })
  // @ts-expect-error a field is missing
  await messages.publish(OrderPlaced, { orderId: 'a' })
  // @ts-expect-error a field has another type
  await messages.publish(OrderPlaced, { orderId: 'a', total: '1' })
  // @ts-expect-error no duration
  await messages.publish(OrderPlaced, { orderId: 'a', total: 1 }, { delay: '5 minutes' })
  messages.subscribe(OrderPlaced, { group: 'billing' }, ({ data }) => {
    const total: number = data.total
    // @ts-expect-error the data has no such field
    return void [total, data.currency]
  })
  // @ts-expect-error every subscription has a group
  messages.subscribe(OrderPlaced, {}, () => {})
  // @ts-expect-error the key of an upcaster is a version
  defineMessage('a', { version: 2, schema, upcasters: { first: (data: unknown) => data } })
}
