import type { IClientPublishOptions, IPublishPacket } from 'mqtt'
import { dataType, fromTransport, structuredType, toHeaders, toStructured } from '../../cloud-events.ts'
import type { WireMessage } from '../../driver.ts'
import { lastLevel } from './names.ts'

export interface Content {
  readonly payload: Buffer
  readonly properties: NonNullable<IClientPublishOptions['properties']>
  /** Bytes of the packet, or a few more. */
  readonly size: number
}

/** Of a text in a packet. */
const longestText = 65_535
/** Of lengths, flags and ids. */
const overhead = 64

/**
 * The binary mode of CloudEvents' binding for MQTT 5: attributes are user properties. What they cannot hold goes in structured mode:
 * brokers hang up at a control character, which CloudEvents does not allow either.
 */
export function contentOf(message: WireMessage, topic: string): Content {
  const headers = toHeaders(message, '')
  const binary = Object.values(headers).every(isText)
  const payload = Buffer.from(binary ? message.payload : toStructured(message))
  let size = overhead + Buffer.byteLength(topic) + payload.length
  if (!binary) return { payload, size, properties: { contentType: structuredType } }
  for (const [name, value] of Object.entries(headers)) size += 5 + name.length + Buffer.byteLength(value)
  return { payload, size, properties: { contentType: dataType, userProperties: headers } }
}

/** `place`: what tells it apart where it says no id; nothing in MQTT does. */
export function messageOf({ topic, payload, properties }: IPublishPacket, place: string): WireMessage {
  return fromTransport('', {
    headers: Object.entries(properties?.userProperties ?? {}),
    contentType: properties?.contentType,
    body: payload,
    topic: lastLevel(topic),
    place,
  })
}

function isText(text: string): boolean {
  return Buffer.byteLength(text) <= longestText && !/[\p{Control}\p{Noncharacter_Code_Point}]/u.test(text)
}
