import { InfrastructureError } from '../ports/errors.ts'
import type { Ids } from '../ports/identity.ts'
import type { Message, MessageType, PublishOptions } from '../ports/messages.ts'
import type { ValidationIssue } from '../ports/schema.ts'
import type { Clock } from '../ports/time.ts'
import { lifted } from '../runtime/upcasting.ts'
import { check, issuesText, type Validated, validate } from '../runtime/validation.ts'
import type { WireMessage } from './driver.ts'

/** What an envelope is made of, beside the message itself. */
export interface Origin {
  readonly source: string
  readonly clock: Clock
  readonly ids: Ids
  /** The message that is being handled. */
  readonly cause: Message | undefined
}

/** The version travels in CloudEvents' `dataschema`, which other languages may resolve to a schema of their own. */
const schemaPrefix = 'urn:portolan:message:'

/**
 * Wraps data that passes the schema.
 *
 * @throws InfrastructureError `invalid_argument` for data that the schema refuses or JSON has no form for, and for a key or
 * subject that not every broker can carry.
 */
export async function seal<Data>(
  type: MessageType<Data>,
  data: unknown,
  { key, subject, correlationId }: PublishOptions,
  { source, clock, ids, cause }: Origin,
): Promise<WireMessage & { readonly attributes: Record<string, string> }> {
  const value = await validate(type.schema, data, `The data of message '${type.name}'`)
  const attributes: Record<string, string> = {
    source,
    time: new Date(clock.now()).toISOString(),
    dataschema: `${schemaPrefix}${type.name}:${type.version}`,
  }
  if (subject !== undefined) attributes.subject = portable(subject, 'subject')
  const correlation = correlationId ?? cause?.correlationId
  if (correlation !== undefined) attributes.correlationid = portable(correlation, 'correlationId')
  if (cause) attributes.causationid = cause.id
  return {
    id: ids.next(),
    topic: type.name,
    key: key === undefined ? undefined : portable(key, 'key'),
    attributes,
    payload: json(type.name, value),
    group: undefined,
  }
}

/** A message that was understood, or why it was not. */
export type Opened =
  | { readonly ok: true; readonly message: Message }
  | {
      readonly ok: false
      readonly reason: string
      readonly issues: readonly ValidationIssue[]
      readonly cause: unknown
    }

/** Reads a message as its type has it now: parsed, lifted to the current version, and checked. Never throws. */
export async function open(type: MessageType, wire: WireMessage, attempt: number): Promise<Opened> {
  const { id, topic, key, attributes, fault } = wire
  if (fault !== undefined) return refused(fault)
  const version = versionOf(attributes.dataschema)
  let data: unknown
  try {
    data = JSON.parse(wire.payload)
  } catch (cause) {
    return refused('The data is no JSON.', cause)
  }
  const current = lifted(data, version, type.version, type.upcasters)
  if (!current.ok) return refused(current.reason, current.cause)
  let result: Validated<unknown>
  try {
    result = await check(type.schema, current.data)
  } catch (cause) {
    return refused('The schema failed.', cause)
  }
  if (!result.ok)
    return { ...refused(`The data is not valid: ${issuesText(result.issues)}`), issues: result.issues }
  return {
    ok: true,
    message: {
      id,
      type: topic,
      version: type.version,
      source: attributes.source ?? '',
      time: new Date(attributes.time ?? 0),
      subject: attributes.subject,
      key,
      data: result.value,
      correlationId: attributes.correlationid ?? id,
      causationId: attributes.causationid,
      attempt,
    },
  }
}

function refused(reason: string, cause?: unknown): Opened & { readonly ok: false } {
  return { ok: false, reason, issues: [], cause }
}

/** 1 when the publisher, perhaps one of another language, does not say. */
function versionOf(dataschema: string | undefined): number {
  const match = dataschema?.startsWith(schemaPrefix) ? /:(\d+)$/.exec(dataschema) : null
  return match ? Number(match[1]) : 1
}

function json(name: string, value: unknown): string {
  let text: string | undefined
  let cause: unknown
  try {
    text = JSON.stringify(value)
  } catch (error) {
    cause = error
  }
  if (text !== undefined) return text
  throw new InfrastructureError(
    'invalid_argument',
    `The data of message '${name}' has no form in JSON. Let its schema yield plain values.`,
    { cause },
  )
}

/** Text that every database and broker can carry. */
function portable(text: string, what: string): string {
  if (text.isWellFormed() && !text.includes('\0')) return text
  throw new InfrastructureError(
    'invalid_argument',
    `${what} holds a NUL character or half of a surrogate pair, which not every broker can carry. Encode it first.`,
  )
}
