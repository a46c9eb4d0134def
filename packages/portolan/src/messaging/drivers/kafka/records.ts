import type { KafkaRecord, MessageToProduce } from '@platformatic/kafka'
import { dataType, fromTransport, toHeaders } from '../../cloud-events.ts'
import type { WireMessage } from '../../driver.ts'
import { keyOf, type TopicPartition } from './topics.ts'

/** As the binding of CloudEvents for Kafka has it. */
const headerPrefix = 'ce_'
const contentTypeHeader = 'content-type'

export function toRecord(message: WireMessage, { topic, partition }: TopicPartition): MessageToProduce {
  const headers = new Map([[Buffer.from(contentTypeHeader), Buffer.from(dataType)]])
  for (const [name, value] of Object.entries(toHeaders(message, headerPrefix)))
    headers.set(Buffer.from(name), Buffer.from(value))
  return {
    ...{ topic, partition, headers, value: Buffer.from(message.payload) },
    // Whoever compacts or reads it with other tools finds the key where Kafka has it.
    ...(message.key !== undefined && { key: Buffer.from(message.key) }),
  }
}

/** Of the bytes in a batch, near enough. */
export function sizeOf({ key, value, headers }: MessageToProduce): number {
  let size = 32 + (key?.length ?? 0) + (value?.length ?? 0)
  for (const [name, text] of headers as Map<Buffer, Buffer>) size += name.length + text.length + 4
  return size
}

/** From whomever: never throws. */
export function fromRecord(
  record: KafkaRecord,
  place: TopicPartition,
  offset: bigint,
  type: string,
): WireMessage {
  const headers: [string, unknown][] = []
  let contentType: string | undefined
  for (const [name, value] of record.headers) {
    const text = name?.toString() ?? ''
    if (text.toLowerCase() === contentTypeHeader) contentType = value?.toString()
    else headers.push([text, value])
  }
  const body = record.value ?? ''
  const message = fromTransport(headerPrefix, {
    ...{ headers, contentType, body, topic: type, place: `${keyOf(place)}:${offset}` },
  })
  // Others may say it where Kafka has it alone.
  const key = message.key ?? keyText(record.key)
  return key === undefined ? message : { ...message, key }
}

const strict = new TextDecoder('utf-8', { fatal: true })

/** A key that is no text orders nothing here. */
function keyText(key: Uint8Array | null): string | undefined {
  if (!key) return undefined
  try {
    const text = strict.decode(key)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}
