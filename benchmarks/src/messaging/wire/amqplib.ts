import { connect } from 'amqplib'
import { serverUrl } from '../brokers.ts'
import type { Wire } from './wire.ts'

const queue = 'bench-wire-amqplib'

/** amqplib with a confirm channel, persistent messages and a quorum queue. */
export async function amqplibWire(): Promise<Wire> {
  const connection = await connect(await serverUrl('rabbitmq'), { noDelay: true })
  const channel = await connection.createConfirmChannel()
  await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } })
  await channel.purgeQueue(queue)
  return {
    async publish(messages) {
      for (const { id, key, payload } of messages)
        channel.sendToQueue(queue, Buffer.from(payload), {
          ...{ persistent: true, contentType: 'application/json', messageId: id, headers: { key } },
        })
      await channel.waitForConfirms()
    },
    async consume(handle) {
      const consumer = await connection.createChannel()
      await consumer.prefetch(256)
      await consumer.consume(queue, async message => {
        if (!message) return
        await handle(message.content.toString())
        consumer.ack(message)
      })
    },
    async [Symbol.asyncDispose]() {
      await channel.deleteQueue(queue)
      await connection.close()
    },
  }
}
