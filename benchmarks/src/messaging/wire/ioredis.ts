import { Redis } from 'ioredis'
import { serverUrl } from '../brokers.ts'
import type { Wire } from './wire.ts'

const [stream, group] = ['bench-wire-ioredis', 'bench']

/** ioredis: entries of a stream, read by a consumer group, acknowledged and deleted. */
export async function ioredisWire(): Promise<Wire> {
  const url = await serverUrl('redis')
  const [writer, reader] = [new Redis(url), new Redis(url)]
  await writer.del(stream)
  await writer.xgroup('CREATE', stream, group, '0', 'MKSTREAM')
  let running: Promise<void> = Promise.resolve()
  let stopped = false
  return {
    async publish(messages) {
      const pipeline = writer.pipeline()
      for (const { id, key, payload } of messages)
        pipeline.xadd(stream, '*', 'id', id, 'key', key, 'data', payload)
      for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error
    },
    async consume(handle) {
      running = (async () => {
        while (!stopped) {
          const found = (await reader.xreadgroup(
            ...(['GROUP', group, 'one', 'COUNT', 500, 'BLOCK', 100, 'STREAMS', stream, '>'] as const),
          )) as [string, [string, string[]][]][] | null
          const entries = found?.[0]?.[1] ?? []
          if (entries.length === 0) continue
          await Promise.all(entries.map(([, fields]) => handle(fields[5]!)))
          const ids = entries.map(([id]) => id)
          await writer
            .pipeline()
            .xack(stream, group, ...ids)
            .xdel(stream, ...ids)
            .exec()
        }
      })()
    },
    async [Symbol.asyncDispose]() {
      stopped = true
      await running
      await writer.del(stream)
      writer.disconnect()
      reader.disconnect()
    },
  }
}
