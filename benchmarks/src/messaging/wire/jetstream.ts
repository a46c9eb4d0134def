import { AckPolicy, type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { serverUrl } from '../brokers.ts'
import type { Wire } from './wire.ts'

const stream = 'bench-wire-jetstream'

/** JetStream with a stream in files, acknowledged publishing and a pulling consumer. */
export async function jetstreamWire(): Promise<Wire> {
  const connection = await connect({ servers: (await serverUrl('nats')).replace('nats://', '') })
  const manager = await jetstreamManager(connection)
  await manager.streams.delete(stream).catch(() => {})
  await manager.streams.add({
    name: stream,
    subjects: [`${stream}.>`],
    retention: 'interest',
    storage: 'file',
  })
  await manager.consumers.add(stream, {
    ...{ durable_name: 'bench', ack_policy: AckPolicy.Explicit, max_ack_pending: 1_000 },
  })
  const client = jetstream(connection)
  return {
    async publish(messages) {
      await Promise.all(
        messages.map(({ id, payload }) => client.publish(`${stream}.placed`, payload, { msgID: id })),
      )
    },
    async consume(handle) {
      const take = async (message: JsMsg) => {
        await handle(message.string())
        message.ack()
      }
      const consumer = await client.consumers.get(stream, 'bench')
      await consumer.consume({
        max_messages: 500,
        callback: message => void take(message),
      })
    },
    async [Symbol.asyncDispose]() {
      await manager.streams.delete(stream)
      await connection.close()
    },
  }
}
