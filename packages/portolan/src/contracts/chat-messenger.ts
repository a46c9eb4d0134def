import assert from 'node:assert/strict'
import type { ChatContent, ChatMessenger, OutgoingChat } from '../ports/chat-messenger.ts'
import { contract } from './contract.ts'
import { failure } from './failure.ts'

/** What the service does with the next request, instead of what it should. */
export type ChatFault =
  /** Refuses for its rate. */
  | 'rate_limited'
  /** Refuses the credential. */
  | 'unauthenticated'
  /** Has a problem of its own, and says so. */
  | 'unavailable'
  /** Takes the request, and never answers. */
  | 'hang'
  /** Takes the request, and resets the connection. */
  | 'reset'

export interface ChatMessengerHarness extends AsyncDisposable {
  readonly messenger: ChatMessenger
  /** One that gives up after about a second. */
  readonly impatient: ChatMessenger
  /** One whose service cannot be connected to. */
  readonly unreachable: ChatMessenger
  /** A customer who wrote within the last 24 hours. */
  readonly customer: string
  /** What the service took, oldest first. */
  received(): Promise<readonly Omit<OutgoingChat, 'signal'>[]>
  /** The ids that were marked as read. */
  read(): Promise<readonly string[]>
  /** How many requests came, refused ones included. */
  requests(): Promise<number>
  /** Needs the capability `faults`. */
  fail(fault: ChatFault): Promise<void>
}

const text: ChatContent = { type: 'text', body: 'Hello 👋 Zoë\nsecond line' }
const buttons: ChatContent = {
  type: 'buttons',
  body: 'Confirm?',
  buttons: [
    { id: 'ok:42', title: 'Confirm' },
    { id: 'no:42', title: 'Cancel' },
  ],
}
const list: ChatContent = {
  type: 'list',
  body: 'The menu',
  button: 'Choose',
  sections: [
    { title: 'Mugs', rows: [{ id: 'mug-1', title: 'Red mug', description: '2.55' }] },
    { title: 'Bags', rows: [{ id: 'bag-1', title: 'Lunch bag' }] },
  ],
}

/** What goes beyond a limit, and the field that the error must name. */
const tooMuch: readonly [string, Partial<OutgoingChat>][] = [
  ['to', { to: '+44 7700 900123' }],
  ['to', { to: '' }],
  ['correlation', { correlation: 'x'.repeat(513) }],
  ['content.body', { content: { type: 'text', body: '' } }],
  ['content.body', { content: { type: 'text', body: 'x'.repeat(4_097) } }],
  ['content.body', { content: { ...buttons, body: 'x'.repeat(1_025) } }],
  ['content.buttons', { content: { ...buttons, buttons: [] } }],
  [
    'content.buttons',
    { content: { ...buttons, buttons: ['a', 'b', 'c', 'd'].map(id => ({ id, title: id })) } },
  ],
  ['content.buttons[0].title', { content: { ...buttons, buttons: [{ id: 'a', title: 'x'.repeat(21) }] } }],
  ['content.buttons[0].id', { content: { ...buttons, buttons: [{ id: 'x'.repeat(257), title: 'A' }] } }],
  [
    'content.buttons[].id',
    { content: { ...buttons, buttons: ['A', 'B'].map(title => ({ id: 'same', title })) } },
  ],
  ['content.button', { content: { ...list, button: 'x'.repeat(21) } }],
  ['content.sections', { content: { ...list, sections: [] } }],
  ['content.sections[].rows', { content: { ...list, sections: [rowsOf(6, 'a'), rowsOf(5, 'b')] } }],
  [
    'content.sections[0].rows[0].title',
    { content: { ...list, sections: [{ rows: [{ id: 'a', title: 'x'.repeat(25) }] }] } },
  ],
  [
    'content.sections[0].rows[0].description',
    { content: { ...list, sections: [{ rows: [{ id: 'a', title: 'A', description: 'x'.repeat(73) }] }] } },
  ],
  [
    'content.sections[0].rows[0].id',
    { content: { ...list, sections: [{ rows: [{ id: 'x'.repeat(201), title: 'A' }] }] } },
  ],
]

function rowsOf(count: number, title: string) {
  return {
    title,
    rows: Array.from({ length: count }, (_, n) => ({ id: `${title}${n}`, title: `${title}${n}` })),
  }
}

/** What every chat messenger must do. */
export const chatMessengerContract = contract<ChatMessengerHarness>('chat-messenger', [
  {
    name: 'sends text, buttons and lists as they are given, each with an id of its own',
    async run({ messenger, customer, received }) {
      const ids = new Set<string>()
      for (const content of [text, buttons, list])
        ids.add((await messenger.send({ to: customer, content })).id)
      assert.equal(ids.size, 3)
      assert.deepEqual(
        await received(),
        [text, buttons, list].map(content => ({ to: customer, content })),
      )
    },
  },
  {
    name: 'carries the message that it answers, and the correlation',
    async run({ messenger, customer, received }) {
      const { id } = await messenger.send({ to: customer, content: text })
      const answer = { to: customer, content: text, replyTo: id, correlation: 'order-42' }
      await messenger.send(answer)
      assert.deepEqual((await received())[1], answer)
    },
  },
  {
    name: 'takes what is exactly at a limit, counted in characters',
    async run({ messenger, customer }) {
      await messenger.send({ to: customer, content: { type: 'text', body: '😀'.repeat(4_096) } })
      const full = { id: 'x'.repeat(256), title: '😀'.repeat(20) }
      await messenger.send({
        to: customer,
        content: { ...buttons, body: 'x'.repeat(1_024), buttons: [full] },
      })
      await messenger.send({ to: customer, content: { ...list, sections: [rowsOf(5, 'a'), rowsOf(5, 'b')] } })
    },
  },
  {
    name: 'refuses what goes beyond a limit before it is sent, naming the field',
    async run({ messenger, customer, requests }) {
      for (const [field, part] of tooMuch) {
        const error = await failure(messenger.send({ to: customer, content: text, ...part }))
        assert.equal(error.code, 'invalid_argument', field)
        assert.equal(error.details.field, field)
      }
      assert.equal(await requests(), 0)
    },
  },
  {
    name: 'marks messages as read',
    async run({ messenger, read }) {
      await messenger.markRead('wamid.contract-1')
      assert.deepEqual(await read(), ['wamid.contract-1'])
    },
  },
  {
    name: 'says that nothing was sent when there is no connection: try again later',
    async run({ unreachable, customer }) {
      const error = await failure(unreachable.send({ to: customer, content: text }))
      assert.equal(error.code, 'unavailable')
      assert.equal(error.details.outcome, 'not_sent')
      assert.equal(error.retry, 'later')
    },
  },
  {
    name: 'sends nothing for a caller who has given up',
    async run({ messenger, customer, requests }) {
      const signal = AbortSignal.abort()
      assert.equal((await failure(messenger.send({ to: customer, content: text, signal }))).code, 'cancelled')
      assert.equal(await requests(), 0)
    },
  },
  {
    name: 'gives a refusal its code, and says whether to try again',
    requires: 'faults',
    async run({ messenger, customer, fail, received }) {
      const expected = { rate_limited: 'later', unauthenticated: 'never', unavailable: 'later' } as const
      for (const [fault, retry] of Object.entries(expected)) {
        await fail(fault as ChatFault)
        const error = await failure(messenger.send({ to: customer, content: text }))
        assert.equal(error.code, fault)
        assert.equal(error.retry, retry)
        assert.equal(error.details.outcome, 'not_sent')
      }
      assert.deepEqual(await received(), [])
    },
  },
  {
    name: 'sends once, and reports an unknown outcome as such',
    requires: 'faults',
    async run({ impatient, customer, fail, requests }) {
      const expected = { hang: 'deadline_exceeded', reset: 'unavailable' } as const
      for (const [fault, code] of Object.entries(expected)) {
        const before = await requests()
        await fail(fault as ChatFault)
        const error = await failure(impatient.send({ to: customer, content: text }))
        assert.equal(error.code, code)
        assert.equal(error.details.outcome, 'unknown')
        assert.equal(error.retry, 'never')
        assert.equal(await requests(), before + 1)
      }
    },
  },
])
