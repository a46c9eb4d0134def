import type { Messaging, MessagingOptions } from '../messaging/messaging.ts'
import { defineSaga } from '../messaging/sagas/define.ts'
import type { MessageType } from '../ports/messages.ts'
import type { SagaMessages, SagaStatus, SagaType, SagaView } from '../ports/sagas.ts'
import { systemClock } from '../runtime/clock.ts'
import { fresh, type MessagingHarness, messageType, schemaOf, soon, until } from './messaging-support.ts'

/** Sagas stand on messaging, so they are held to their contract wherever messaging is. */
export type SagaHarness = MessagingHarness

/** What the messages of a process carry: which one they are for, and a number. */
export interface Step {
  readonly key: string
  readonly n: number
}

const step = schemaOf('a key and a number n', (value): value is Step => {
  const { key, n } = (value ?? {}) as Partial<Step>
  return typeof key === 'string' && typeof n === 'number'
})

export interface Tally {
  sum: number
  seen: number[]
}

export const tally = schemaOf('a sum and what was seen', (value): value is Tally => {
  const { sum, seen } = (value ?? {}) as Partial<Tally>
  return typeof sum === 'number' && Array.isArray(seen)
})

const steps = ['first', 'second', 'third'] as const
const timeouts = ['soon', 'later'] as const

export type StepName = (typeof steps)[number]
export type TimeoutName = (typeof timeouts)[number]
export type Process = SagaType<Tally, StepName, TimeoutName>

/** A process of its own for each case: what begins it, what goes on in it, and what ends it. */
export interface Play {
  readonly Process: Process
  readonly Begun: MessageType<Step>
  readonly Moved: MessageType<Step>
  readonly Ended: MessageType<Step>
  readonly messages: readonly MessageType<Step>[]
}

export function play(version = 1, name = fresh('process'), upcasters = {}): Play {
  const message = (what: string) => messageType<Step>(`${name}.${what}`, step)
  const [Begun, Moved, Ended] = [message('begun'), message('moved'), message('ended')]
  const Process = defineSaga(name, { version, state: tally, steps, timeouts, upcasters })
  return { Process, Begun, Moved, Ended, messages: [Begun, Moved, Ended] }
}

/** A play with a single member, which is not started yet. */
export async function alone(harness: SagaHarness, options: Partial<MessagingOptions> = {}) {
  const scene = play()
  const member = await harness.join(scene.messages, options)
  return { scene, member, ...member }
}

/** The machine's time of day, which a case can move forward: what is delayed until then is found soon. */
export function movableTime() {
  let offset = 0
  return {
    clock: { ...systemClock, now: () => systemClock.now() + offset },
    advance(ms: number) {
      offset += ms
    },
  }
}
export const hour = 3_600_000

export const byKey = ({ key }: Step) => key
export const beginning = { key: byKey, state: ({ n }: Step): Tally => ({ sum: n, seen: [n] }) }
export const nothing = () => {}

/** Handlers that do nothing, for what a case is not about. */
export const inert = {
  timeouts: { soon: nothing, later: nothing },
  undo: { first: nothing, second: nothing, third: nothing },
}

/** What cannot be undone until it opens; nothing is held meanwhile. */
export function closedBank() {
  let closed = true
  return {
    retry: { ...soon, attempts: 100_000 },
    undo() {
      if (closed) throw new Error('The bank is closed.')
    },
    open() {
      closed = false
    },
  }
}

/** A process that adds up what it is told, until it is told that it has ended. */
export function addUp(
  messaging: Messaging,
  { Process, Begun, Moved, Ended }: Play,
): SagaMessages<Tally, StepName, TimeoutName> {
  return messaging.sagas
    .run(Process, inert)
    .startedBy(Begun, beginning, nothing)
    .on(Moved, { key: byKey }, (saga, { data }) => {
      saga.state.sum += data.n
      saga.state.seen.push(data.n)
    })
    .on(Ended, { key: byKey }, saga => saga.complete())
}

/** Resolves with the saga of `key` when it has come so far. */
export async function reached(
  messaging: Messaging,
  { Process }: Play,
  key: string,
  status: SagaStatus,
): Promise<SagaView<Tally, StepName>> {
  let view: SagaView<Tally, StepName> | undefined
  await until(`the saga of ${key} is ${status}`, async () => {
    view = await messaging.sagas.find(Process, key)
    return view?.status === status
  })
  return view!
}
