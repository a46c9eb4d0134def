import assert from 'node:assert/strict'
import type { Mail, Mailer } from '../ports/mailer.ts'
import { contract } from './contract.ts'
import { failure } from './failure.ts'

/** A mail as it arrived, decoded. */
export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  readonly cc: readonly string[]
  readonly subject: string
  readonly text: string
  readonly html: string | undefined
  /** With its angle brackets. */
  readonly messageId: string
}

export interface MailerHarness extends AsyncDisposable {
  readonly mailer: Mailer & { close(): Promise<void> }
  /** What arrived, in any order. */
  received(): Promise<readonly ReceivedMail[]>
}

const mail: Mail = {
  id: 'receipt-42',
  from: 'The Shop <shop@example.com>',
  to: ['ann@example.org'],
  subject: 'Your receipt',
  text: 'Thank you.\n',
}

/** What every mailer must do. */
export const mailerContract = contract<MailerHarness>('mailer', [
  {
    name: 'sends text and HTML to everybody, in any language',
    async run({ mailer, received }) {
      const text = 'Grüße, 日本 👋\n.\nA line with a dot before it.\n'
      const html = '<p>Grüße &amp; <b>日本</b></p>'
      const to = ['Ann <ann@example.org>', 'bob@example.org']
      await mailer.send({ ...mail, to, cc: ['eve@example.net'], subject: 'Grüße 日本 👋', text, html })
      const [arrived] = await received()
      assert.equal(arrived!.from, 'shop@example.com')
      assert.deepEqual(arrived!.to, ['ann@example.org', 'bob@example.org'])
      assert.deepEqual(arrived!.cc, ['eve@example.net'])
      assert.equal(arrived!.subject, 'Grüße 日本 👋')
      assert.equal(arrived!.text.trimEnd(), text.trimEnd())
      assert.equal(arrived!.html?.trimEnd(), html)
    },
  },
  {
    name: 'names a mail for ever by its id',
    async run({ mailer, received }) {
      await mailer.send(mail)
      await mailer.send({ ...mail, id: 'receipt-43' })
      const ids = (await received()).map(({ messageId }) => messageId).sort()
      assert.deepEqual(ids, ['<receipt-42@example.com>', '<receipt-43@example.com>'])
    },
  },
  {
    name: 'refuses addresses, ids and subjects that cannot be, naming the field',
    async run({ mailer, received }) {
      const wrong: readonly [string, Partial<Mail>][] = [
        ['to', { to: [] }],
        ['to[0]', { to: ['nobody'] }],
        ['to[0]', { to: ['a@example.org, b@example.org'] }],
        ['to[0]', { to: ['a@example.org\r\nBcc: eve@example.org'] }],
        ['to[1]', { to: ['a@example.org', 'Bob <bob>'] }],
        ['cc[0]', { cc: ['<>'] }],
        ['from', { from: 'shop' }],
        ['id', { id: '' }],
        ['id', { id: 'a b' }],
        ['id', { id: '../escape' }],
        ['subject', { subject: 'Hello\r\nBcc: eve@example.org' }],
      ]
      for (const [field, part] of wrong) {
        const error = await failure(mailer.send({ ...mail, ...part }))
        assert.equal(error.code, 'invalid_argument', field)
        assert.equal(error.details.field, field)
      }
      assert.deepEqual(await received(), [])
    },
  },
  {
    name: 'sends many at once',
    async run({ mailer, received }) {
      await Promise.all(Array.from({ length: 50 }, (_, n) => mailer.send({ ...mail, id: `m-${n}` })))
      assert.equal(new Set((await received()).map(({ messageId }) => messageId)).size, 50)
    },
  },
  {
    name: 'sends nothing for a caller who has given up',
    async run({ mailer, received }) {
      assert.equal((await failure(mailer.send({ ...mail, signal: AbortSignal.abort() }))).code, 'cancelled')
      assert.deepEqual(await received(), [])
    },
  },
  {
    name: 'finishes what is in hand when it closes, then refuses',
    async run({ mailer, received }) {
      const sending = mailer.send(mail)
      await mailer.close()
      await sending
      assert.equal((await received()).length, 1)
      assert.equal((await failure(mailer.send(mail))).code, 'unavailable')
      await mailer.close()
    },
  },
])
