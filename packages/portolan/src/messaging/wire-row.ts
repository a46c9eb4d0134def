import type { SqlValue } from '../persistence/sql-value.ts'
import type { WireMessage } from './driver.ts'

/** The columns that every table of messages has. */
export interface WireRow {
  readonly id: string
  readonly topic: string
  readonly key: string | null
  readonly attributes: string
  readonly payload: string
  readonly history?: string | null
}

/** Never throws: rows may have been written by somebody else. */
export function fromRow(row: WireRow, group: string | undefined): WireMessage {
  const [attributes, fault] = attributesOf(row.attributes)
  return {
    id: row.id,
    topic: row.topic,
    key: row.key ?? undefined,
    attributes,
    payload: row.payload,
    group,
    ...(row.history != null && { history: row.history }),
    ...(fault !== undefined && { fault }),
  }
}

function attributesOf(text: string): readonly [Readonly<Record<string, string>>, fault?: string] {
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch {
    return [{}, 'Its attributes are no JSON.']
  }
  if (typeof found !== 'object' || found === null) return [{}, 'Its attributes are no JSON object.']
  const attributes = found as Record<string, string>
  for (const name in attributes) {
    if (typeof attributes[name] === 'string') continue
    const texts = Object.entries(attributes).filter(([, value]) => typeof value === 'string')
    return [Object.fromEntries(texts), `Its attribute '${name}' is no text.`]
  }
  return [attributes]
}

type WireValues = [id: string, topic: string, key: string | null, attributes: string, payload: string]

/** Values for `id, topic, key, attributes, payload`. */
export function toRow({ id, topic, key, attributes, payload }: WireMessage): WireValues {
  return [id, topic, key ?? null, JSON.stringify(attributes), payload]
}

/** Columns and rows of `messages`, with their history where one of them has any. */
export function withHistory(
  columns: readonly string[],
  rows: readonly SqlValue[][],
  messages: readonly WireMessage[],
): readonly [columns: readonly string[], rows: readonly SqlValue[][]] {
  if (messages.every(({ history }) => history === undefined)) return [columns, rows]
  return [[...columns, 'history'], rows.map((row, at) => [...row, messages[at]!.history ?? null])]
}
