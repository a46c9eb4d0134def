import { openBroker, type WireMessage } from 'portolan/messaging'
import { type Broker, brokerUrl } from '../brokers.ts'
import type { Sent } from '../message.ts'
import type { Wire } from './wire.ts'

const [topic, group] = ['bench.order.placed', 'wire']

/** The driver alone, as the relay and the consumers use it. */
export async function portolanWire(broker: Broker): Promise<Wire> {
  const driver = await openBroker(await brokerUrl(broker, 'portolan-bench-wire'))
  await driver.open()
  await driver.bind(group, [topic])
  return {
    async publish(messages) {
      const [failure] = await driver.publish(messages.map(toWire))
      if (failure) throw failure.error
    },
    async consume(handle) {
      for (let partition = 0; partition < driver.partitions!; partition++)
        await driver.consume({
          ...{ group, topics: [topic], partition, owns: () => true, prefetch: 64, tookOver() {} },
          deliver: async ({ message, ack }) => {
            await handle(message.payload)
            await ack()
          },
        })
    },
    async [Symbol.asyncDispose]() {
      await driver.unbind(group, topic, [])
      await driver.close()
    },
  }
}

const toWire = ({ id, key, payload }: Sent): WireMessage => ({
  ...{ id, topic, key, payload, group: undefined },
  attributes: {
    ...{ source: 'bench', time: new Date().toISOString() },
    dataschema: `urn:portolan:message:${topic}:1`,
  },
})
