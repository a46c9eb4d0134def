import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { SpanKind, trace } from '@opentelemetry/api'
import { fact, messageType, settled, until } from '../../src/contracts/messaging-support.ts'
import { spanRecorder } from '../support/spans.ts'
import { openHarness } from './harness.ts'

const Placed = messageType('shop.order.placed', fact)
const Paid = messageType('shop.order.paid', fact)

describe('traces', () => {
  const { exporter, start, stop } = spanRecorder()
  before(start)
  after(stop)

  for (const place of ['joined', 'apart'] as const) {
    test(`continue from the publisher through handlers (broker ${place})`, async () => {
      exporter.reset()
      await using harness = await openHarness(place)
      const member = await harness.join([Placed, Paid])
      const { messaging } = member
      let inside: string | undefined
      messaging.subscribe(Placed, { group: 'billing' }, async ({ key }) => {
        await messaging.publish(Paid, { n: 2 }, { key: key! })
      })
      messaging.subscribe(Paid, { group: 'mail' }, () => {
        inside = trace.getActiveSpan()?.spanContext().traceId
      })
      // What runs in the background later is no part of the trace of the start.
      await trace.getTracer('test').startActiveSpan('start', async span => {
        await messaging.start()
        span.end()
      })
      const outer = await trace.getTracer('test').startActiveSpan('request', async span => {
        await messaging.publish(Placed, { n: 1 }, { key: 'k' })
        span.end()
        return span.spanContext()
      })
      await settled(member)
      await until('the last span has ended', () =>
        exporter.getFinishedSpans().some(({ name }) => name === 'process shop.order.paid'),
      )
      assert.equal(inside, outer.traceId)
      const spans = exporter.getFinishedSpans().filter(span => span.spanContext().traceId === outer.traceId)
      const parents = new Map(spans.map(span => [span.spanContext().spanId, span.name]))
      assert.deepEqual(
        spans.map(span => [span.name, parents.get(span.parentSpanContext?.spanId ?? '')]).toSorted(),
        [
          ['process shop.order.paid', 'send shop.order.paid'],
          ['process shop.order.placed', 'send shop.order.placed'],
          ['request', undefined],
          ['send shop.order.paid', 'process shop.order.placed'],
          ['send shop.order.placed', 'request'],
        ],
      )
      const handled = spans.find(({ name }) => name === 'process shop.order.placed')!
      assert.equal(handled.kind, SpanKind.CONSUMER)
      assert.equal(handled.attributes['messaging.system'], 'portolan')
      assert.equal(handled.attributes['messaging.operation.type'], 'process')
      assert.equal(handled.attributes['messaging.destination.name'], 'shop.order.placed')
      assert.equal(handled.attributes['messaging.consumer.group.name'], 'billing')
    })
  }
})
