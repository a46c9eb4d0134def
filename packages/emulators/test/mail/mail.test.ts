import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import nodemailer, { type Transporter } from 'nodemailer'
import type { Emulators } from '../../src/index.ts'
import { startEmulators } from '../support/emulators.ts'

let emulators: Emulators
let transport: Transporter
before(async () => {
  emulators = await startEmulators()
  transport = nodemailer.createTransport(emulators.mail.url)
})
after(async () => {
  transport.close()
  await emulators.stop()
})

const mail = {
  from: 'The Shop <shop@example.com>',
  to: ['Ann <ann@example.org>', 'bob@example.org'],
  cc: 'eve@example.net',
  bcc: 'archive@example.com',
  subject: 'Grüße 日本 👋',
  text: 'Thank you.\n.\nA line with a dot before it.',
  html: '<p>Thank <b>you</b></p>',
  attachments: [{ filename: 'receipt.pdf', content: Buffer.from('%PDF-') }],
}

test('a mail is kept as it came and read when somebody looks', async () => {
  const heard: string[] = []
  const end = emulators.mail.events.subscribe(id => heard.push(id))
  await transport.sendMail({ ...mail, messageId: '<receipt-1@example.com>' })
  end()
  assert.deepEqual(heard, ['receipt-1@example.com'])
  const received = await emulators.mail.get('receipt-1@example.com')
  assert.equal(received?.subject, mail.subject)
  assert.equal(received?.from, 'shop@example.com')
  assert.deepEqual(received?.to, ['ann@example.org', 'bob@example.org'])
  assert.deepEqual(received?.cc, ['eve@example.net'])
  assert.ok(received?.recipients.includes('archive@example.com'))
  assert.equal(received?.text.trim(), mail.text)
  assert.equal(received?.html?.trim(), mail.html)
  assert.deepEqual(received?.attachments, [{ filename: 'receipt.pdf', mimeType: 'application/pdf', size: 5 }])
  assert.match(received?.raw ?? '', /^Message-ID: <receipt-1@example.com>/m)
})

test('the same Message-ID again is the same mail, delivered twice', async () => {
  const before = emulators.mail.count()
  for (let times = 0; times < 2; times++)
    await transport.sendMail({ ...mail, messageId: '<twice@example.com>' })
  assert.equal(emulators.mail.count(), before + 1)
  assert.equal((await emulators.mail.get('twice@example.com'))?.deliveries, 2)
  assert.equal((await emulators.mail.list({ limit: 1 }))[0]?.id, 'twice@example.com')
})

test('faults: refused for now, refused for good, and down', async () => {
  const { faults } = emulators.mail
  const before = emulators.mail.count()
  faults.set({ errorRate: 1 })
  await assert.rejects(transport.sendMail(mail), { responseCode: 451 })
  faults.reset()
  faults.set({ unknownRecipients: ['bob@example.org'] })
  await assert.rejects(transport.sendMail({ ...mail, to: 'bob@example.org', cc: [], bcc: [] }), {
    responseCode: 550,
  })
  faults.reset()
  faults.set({ down: true })
  await assert.rejects(transport.sendMail(mail))
  faults.reset()
  await transport.sendMail(mail)
  assert.equal(emulators.mail.count(), before + 1)
})
