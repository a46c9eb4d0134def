import assert from 'node:assert/strict'
import type { WireMessage } from '../messaging/driver.ts'
import type { Messaging, MessagingOptions } from '../messaging/messaging.ts'
import type { Database } from '../persistence/database.ts'
import { type ErrorCode, InfrastructureError } from '../ports/errors.ts'
import type { MessageType } from '../ports/messages.ts'
import type { Schema } from '../ports/schema.ts'
import { systemClock } from '../runtime/clock.ts'
import { systemIds } from '../runtime/identity.ts'

/** One process of an application, as far as it can be one inside of a test: a messaging over a connection of its own. */
export interface MessagingMember {
  /** Not started yet. */
  readonly messaging: Messaging
  /** Holds a table `effects`: `position`, which counts up, and the texts `message` and `note`, without any constraint. */
  readonly database: Database
  /** Puts a message on the wire as it is, past every check, as another system could. Rejects when the broker does not take it. */
  inject(message: WireMessage): Promise<void>
}

export interface MessagingHarness extends AsyncDisposable {
  /** Another member of the same application, with a short lease. Disposed with the harness. */
  join(messages: readonly MessageType[], options?: Partial<MessagingOptions>): Promise<MessagingMember>
}

/** Retries that come at once. */
export const soon = { from: 1, to: 5 } as const

/** What the messages of the contract carry. */
export interface Fact {
  readonly n: number
  readonly text?: string
}

export const fact: Schema<Fact> = schemaOf('a number n', (value): value is Fact => {
  const { n } = (value ?? {}) as Partial<Fact>
  return typeof n === 'number'
})

/** Names are unique for each case, so that cases can share a broker. */
export function fresh(name: string): string {
  return `${name}-${systemIds.next()}`
}

export function messageType<Data>(
  name: string,
  schema: Schema<Data>,
  version = 1,
  upcasters: MessageType['upcasters'] = {},
): MessageType<Data> {
  return { kind: 'message', name, version, schema, upcasters }
}

/** A schema without a library. */
export function schemaOf<T>(expected: string, is: (value: unknown) => value is T): Schema<T> {
  return {
    '~standard': {
      version: 1,
      vendor: 'portolan-contract',
      validate: value =>
        is(value) ? { value } : { issues: [{ message: `expected ${expected}`, path: ['n'] }] },
    },
  }
}

/** So long that only something that never comes takes it, on the slowest machine. */
const limitMs = 60_000

export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const giveUp = systemClock.monotonic() + limitMs
  while (!(await condition())) {
    assert.ok(systemClock.monotonic() < giveUp, `This did not happen in time: ${what}.`)
    await systemClock.sleep(2)
  }
}

export async function refusal(code: ErrorCode, work: Promise<unknown>): Promise<InfrastructureError> {
  const error = await work.then(
    () => assert.fail('It did not reject.'),
    (thrown: unknown) => thrown,
  )
  assert.ok(InfrastructureError.is(error, code), `not ${code}: ${String(error)}`)
  return error
}

/** Handles a message: a row that shows, by its number, how often this was committed. */
export async function effect(database: Database, message: string, note: string | number): Promise<void> {
  await database.execute('INSERT INTO effects (message, note) VALUES (?, ?)', [message, String(note)])
}

export function effects(database: Database): Promise<{ message: string; note: string }[]> {
  return database.query('SELECT message, note FROM effects ORDER BY position')
}

/** Nothing waits anywhere, as far as these members can see: what has not happened by now will not. */
export async function settled(...members: readonly MessagingMember[]): Promise<void> {
  // Twice in a row: what goes back, from the hand of a handler to what is delayed, may pass between two figures of one status.
  let quiet = 0
  await until('everything is handled', async () => {
    for (const { messaging } of members) {
      const { outbox, delayed, backlog } = await messaging.status()
      if (outbox + delayed + backlog > 0) quiet = -1
    }
    return ++quiet === 2
  })
}
