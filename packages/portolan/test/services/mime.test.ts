import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import PostalMime from 'postal-mime'
import type { Mail } from '../../src/ports/mailer.ts'
import { composeMail } from '../../src/services/drivers/mime.ts'

const mail: Mail = { id: 'm', from: 'shop@example.com', to: ['ann@example.org'], subject: 'S', text: 'T' }
const compose = (part: Partial<Mail> = {}) => composeMail({ ...mail, ...part }, '<m@example.com>', 0)
const read = (part: Partial<Mail>) => PostalMime.parse(compose(part).raw)

describe('composeMail', () => {
  test('writes plain mail plainly', () => {
    assert.equal(
      compose({ text: 'Hello\n.\nBye' }).raw.toString(),
      [
        'From: shop@example.com',
        'To: ann@example.org',
        'Subject: S',
        'Message-ID: <m@example.com>',
        'Date: Thu, 01 Jan 1970 00:00:00 +0000',
        'MIME-Version: 1.0',
        'Content-Type: text/plain; charset=utf-8',
        'Content-Transfer-Encoding: 7bit',
        '',
        'Hello',
        '.',
        'Bye',
        '',
      ].join('\r\n'),
    )
  })

  test('addresses the envelope to everybody once', () => {
    const { envelope } = compose({
      from: 'The Shop <shop@example.com>',
      to: ['Ann <ann@example.org>', 'bob@müller.example'],
      cc: ['ann@example.org'],
    })
    assert.deepEqual(envelope, {
      from: 'shop@example.com',
      to: ['ann@example.org', 'bob@xn--mller-kva.example'],
    })
  })

  test('says to every reader what it was given', async () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 300 })
    const header = line.map(text => text.replace(/\p{Cc}|\p{Zl}|\p{Zp}/gu, '').trim())
    const body = fc.array(line, { maxLength: 8 }).map(lines => lines.join('\n'))
    await fc.assert(
      fc.asyncProperty(header, body, fc.option(body, { nil: undefined }), async (subject, text, html) => {
        const parsed = await read({ subject, text, ...(html !== undefined && { html }) })
        const clean = (value = '') => value.replaceAll('\r\n', '\n').replace(/\n$/, '')
        assert.equal(parsed.subject ?? '', subject)
        assert.equal(clean(parsed.text), clean(text))
        if (html !== undefined) assert.equal(clean(parsed.html), clean(html))
      }),
      { numRuns: 60 },
    )
  })

  test('keeps names, whatever is in them', async () => {
    for (const name of [
      'Ann',
      'Ann, Bob & Co.',
      'O"Neil',
      'Zoë Müller-Lüdenscheidt von und zu Hohenstein',
      '日本',
      '=?x?=',
    ]) {
      const { from } = await read({ from: `${name} <shop@example.com>` })
      assert.deepEqual([from!.name, from!.address], [name, 'shop@example.com'])
    }
  })

  test('writes no line that a server must break, and nothing but ASCII', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 3_000 }), text => {
        const subject = text.replace(/\p{Cc}/gu, '')
        const raw = compose({ subject, text, html: `<p>${text}</p>` }).raw.toString('latin1')
        for (const line of raw.split('\r\n')) assert.match(line, /^[\t\x20-\x7e]{0,998}$/)
      }),
      { numRuns: 60 },
    )
  })
})
