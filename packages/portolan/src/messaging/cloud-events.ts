import { storable } from '../runtime/storable.ts'
import { longestName } from './define.ts'
import type { WireMessage } from './driver.ts'

/** The media type of what Portolan publishes; a body of it is the data alone. */
export const dataType = 'application/json'
export const structuredType = 'application/cloudevents+json'

/**
 * The attributes of a message as headers, in the binary mode of CloudEvents 1.0: each under its name behind `prefix`, which is the
 * transport's. `datacontenttype` is not among them; most transports have a place of their own for it.
 *
 * Source: the protocol bindings of CloudEvents 1.0.3 (`cloudEvents_` for AMQP, `ce_` for Kafka, `ce-` for NATS, none for MQTT 5).
 */
export function toHeaders(message: WireMessage, prefix: string): Record<string, string> {
  const { id, topic, key, attributes } = message
  const headers: Record<string, string> = {
    [`${prefix}specversion`]: '1.0',
    [`${prefix}id`]: id,
    [`${prefix}type`]: topic,
  }
  if (key !== undefined) headers[`${prefix}partitionkey`] = key
  for (const [name, value] of Object.entries(attributes)) headers[prefix + name] = value
  return headers
}

/** A message in structured mode, for transports whose headers cannot hold what it says. */
export function toStructured({ id, topic, key, attributes, payload }: WireMessage): string {
  const event = {
    specversion: '1.0',
    id,
    type: topic,
    datacontenttype: dataType,
    partitionkey: key,
    ...attributes,
  }
  return `${JSON.stringify(event).slice(0, -1)},"data":${payload}}`
}

/** What came over a transport. */
export interface Arrival {
  /** In any order; values that are no text are told apart from those that are. */
  readonly headers: Iterable<readonly [name: string, value: unknown]>
  /** The transport's own, or that of a header. Default: JSON. */
  readonly contentType: string | undefined
  readonly body: Uint8Array | string
  /** Which topic it came by, for one that does not say its type. */
  readonly topic: string
  /** What tells it apart from all others of its topic, for one that says no id: its place in the broker. */
  readonly place: string
}

const strict = new TextDecoder('utf-8', { fatal: true })
const lenient = new TextDecoder('utf-8')

/**
 * Reads a message in the binary or structured mode of CloudEvents 1.0, from whomever. Never throws: what it can make no sense of is
 * a message with a `fault`, and ends among the dead letters.
 */
export function fromTransport(prefix: string, arrival: Arrival): WireMessage {
  const faults: string[] = []
  const structured = arrival.contentType?.toLowerCase().startsWith(structuredType) ?? false
  const text = textOf(arrival.body, faults)
  const found = structured ? parsed(text, faults) : attributesOf(prefix, arrival, faults)
  const { specversion, id, type, partitionkey, datacontenttype, time, ...attributes } = found.attributes
  if (specversion !== undefined && specversion !== '1.0')
    faults.push(`It is of CloudEvents ${specversion}, not 1.0.`)
  if (datacontenttype !== undefined && !isJson(datacontenttype))
    faults.push(`Its data is ${datacontenttype}, not JSON.`)
  const name = type || arrival.topic
  if (name.length > longestName) faults.push(`Its type has more than ${longestName} characters.`)
  const timely = time === undefined || !Number.isNaN(Date.parse(time))
  if (!timely) faults.push("Its attribute 'time' is no point in time.")
  return {
    id: id || arrival.place,
    topic: storable(name.slice(0, longestName)),
    key: partitionkey,
    attributes: { ...attributes, ...(timely && time !== undefined && { time }) },
    payload: found.payload ?? text,
    group: undefined,
    ...(faults.length > 0 && { fault: faults.join(' ') }),
  }
}

interface Found {
  readonly attributes: Readonly<Record<string, string>>
  /** `undefined`: the body itself. */
  readonly payload?: string | undefined
}

function attributesOf(prefix: string, { headers, contentType }: Arrival, faults: string[]): Found {
  const attributes: Record<string, string> = {}
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    if (lower.startsWith(prefix.toLowerCase())) set(attributes, lower.slice(prefix.length), value, faults)
  }
  if (contentType !== undefined) attributes.datacontenttype = contentType
  return { attributes }
}

function parsed(text: string, faults: string[]): Found {
  let event: unknown
  try {
    event = JSON.parse(text)
  } catch {
    faults.push('It is no JSON.')
  }
  if (typeof event !== 'object' || event === null) return { attributes: {} }
  const { data, data_base64: base64, ...rest } = event as Record<string, unknown>
  const attributes: Record<string, string> = {}
  for (const [name, value] of Object.entries(rest)) set(attributes, name, value, faults)
  try {
    if (typeof base64 === 'string') return { attributes, payload: textOf(bytesOf(base64), faults) }
    return { attributes, payload: JSON.stringify(data ?? null) }
  } catch {
    faults.push(
      typeof base64 === 'string' ? 'Its data_base64 is no base64.' : 'Its data is nested too deeply.',
    )
    return { attributes }
  }
}

/** @throws where it is no base64. */
function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), character => character.charCodeAt(0))
}

function set(attributes: Record<string, string>, name: string, value: unknown, faults: string[]): void {
  const text = headerText(value)
  if (text === undefined) faults.push(`Its attribute '${storable(name)}' is no text.`)
  else attributes[storable(name)] = text
}

function headerText(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  let text = value
  if (value instanceof Uint8Array) {
    try {
      text = strict.decode(value)
    } catch {
      return undefined
    }
  }
  return typeof text === 'string' && text === storable(text) ? text : undefined
}

function textOf(body: Uint8Array | string, faults: string[]): string {
  let text: string
  try {
    text = typeof body === 'string' ? body : strict.decode(body)
  } catch {
    faults.push('Its body is no UTF-8.')
    text = lenient.decode(body as Uint8Array)
  }
  if (text !== storable(text) && faults.length === 0) faults.push('Its body holds a NUL character.')
  return storable(text)
}

function isJson(contentType: string): boolean {
  const type = contentType.split(';', 1)[0]!.trim().toLowerCase()
  return type === dataType || type.endsWith('+json') || type === 'text/json'
}
