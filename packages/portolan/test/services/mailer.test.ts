import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { casesFor } from '../../src/contracts/contract.ts'
import { failure } from '../../src/contracts/failure.ts'
import { type MailerHarness, mailerContract } from '../../src/contracts/mailer.ts'
import type { Mail } from '../../src/ports/mailer.ts'
import { Redacted } from '../../src/runtime/redacted.ts'
import { consoleMailer, fileMailer, openMailer, smtpMailer } from '../../src/services/index.ts'
import { openMailServer, readMail } from './mail-server.ts'

const mail: Mail = {
  id: 'receipt-42',
  from: 'shop@example.com',
  to: ['ann@example.org'],
  subject: 'Hello',
  text: 'Hi\n',
}

describe('smtpMailer', () => {
  const open = async (): Promise<MailerHarness> => {
    const server = await openMailServer()
    const mailer = smtpMailer({ url: server.url })
    return {
      mailer,
      received: server.received,
      async [Symbol.asyncDispose]() {
        await mailer.close()
        await server[Symbol.asyncDispose]()
      },
    }
  }
  for (const item of casesFor(mailerContract, {}, open)) test(item.name, item.run)

  test('keeps its connections for the next mails', async () => {
    await using server = await openMailServer()
    await using mailer = smtpMailer({ url: server.url, connections: 2 })
    await Promise.all(Array.from({ length: 30 }, (_, n) => mailer.send({ ...mail, id: `m-${n}` })))
    assert.equal((await server.received()).length, 30)
    assert.ok(server.connections() <= 2)
  })

  test('signs in, and says so when it is refused, without the password', async () => {
    await using server = await openMailServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth({ username, password }, _, done) {
        if (username === 'ann@shop' && password === 'p/w@:canary') done(null, { user: username })
        else done(new Error('Wrong'))
      },
    })
    const url = (password: string) =>
      `smtp://ann%40shop:${encodeURIComponent(password)}@127.0.0.1:${server.port}`
    await using mailer = smtpMailer({ url: new Redacted(url('p/w@:canary')) })
    await mailer.send(mail)
    await using wrong = smtpMailer({ url: url('other-canary') })
    const error = await failure(wrong.send(mail))
    assert.equal(error.code, 'unauthenticated')
    assert.ok(!`${error.stack}${String(error.cause)}`.includes('canary'))
  })

  const refusals: readonly [number, string, string][] = [
    [450, 'unavailable', 'later'],
    [550, 'invalid_argument', 'never'],
  ]
  for (const [responseCode, code, retry] of refusals)
    test(`understands ${responseCode} for a recipient as ${code}`, async () => {
      await using server = await openMailServer({
        onRcptTo: (_, __, done) => done(Object.assign(new Error('No'), { responseCode })),
      })
      await using mailer = smtpMailer({ url: server.url })
      const error = await failure(mailer.send(mail))
      assert.deepEqual([error.code, error.retry, error.details.outcome], [code, retry, 'not_sent'])
    })

  test('tells when only some recipients were taken', async () => {
    await using server = await openMailServer({
      onRcptTo: ({ address }, _, done) =>
        done(address.startsWith('bad') ? Object.assign(new Error('No'), { responseCode: 550 }) : null),
    })
    await using mailer = smtpMailer({ url: server.url })
    const error = await failure(mailer.send({ ...mail, to: ['good@example.org', 'bad@example.org'] }))
    assert.equal(error.code, 'invalid_argument')
    assert.deepEqual(error.details, { accepted: 1, rejected: 1 })
  })

  test('says that nothing was sent when there is no server', async () => {
    const server = await openMailServer()
    await server[Symbol.asyncDispose]()
    await using mailer = smtpMailer({ url: server.url })
    const error = await failure(mailer.send(mail))
    assert.deepEqual([error.code, error.retry, error.details.outcome], ['unavailable', 'later', 'not_sent'])
  })

  test('takes its settings from the address, and refuses what it does not know without showing it', () => {
    for (const url of [
      'smtp://',
      'http://localhost',
      'smtp://u:canary@localhost?pool=true',
      'smtp://u:canary@localhost?connections=none',
      'smtp://u:canary@localhost?requireTls=1',
      'nonsense canary',
      'smtp://u:canary%zz@localhost',
    ])
      assert.throws(
        () => smtpMailer({ url }),
        (error: Error & { code?: string }) =>
          error.code === 'invalid_argument' && !error.message.includes('canary'),
        url,
      )
  })

  test('names mails by the domain of its settings', async () => {
    await using server = await openMailServer()
    await using mailer = openMailer(`${server.url}?domain=mail.example.net&connections=1`)
    await mailer.send(mail)
    assert.equal((await server.received())[0]!.messageId, '<receipt-42@mail.example.net>')
  })
})

describe('fileMailer', () => {
  const open = async (): Promise<MailerHarness> => {
    const directory = await mkdtemp(join(tmpdir(), 'portolan-mail-'))
    const mailer = openMailer(`file:${directory}/mails`)
    return {
      mailer,
      async received() {
        const names = await readdir(join(directory, 'mails')).catch(() => [])
        return Promise.all(names.map(async name => readMail(await readFile(join(directory, 'mails', name)))))
      },
      async [Symbol.asyncDispose]() {
        await mailer.close()
        await rm(directory, { recursive: true })
      },
    }
  }
  for (const item of casesFor(mailerContract, {}, open)) test(item.name, item.run)

  test('writes into a file storage too', async () => {
    const written: [string, unknown][] = []
    const write = async (path: string, source: unknown) => {
      written.push([path, source])
      return { path, size: 0, contentType: '', modifiedAt: new Date(0), etag: '', metadata: {} }
    }
    await fileMailer({ files: { write } }).send(mail)
    assert.equal(written[0]![0], 'receipt-42.eml')
    assert.equal((await readMail(written[0]![1] as Uint8Array)).subject, 'Hello')
  })

  test('says that it cannot write', async () => {
    const error = await failure(fileMailer({ directory: '/dev/null/mails' }).send(mail))
    assert.equal(error.code, 'unavailable')
  })
})

describe('consoleMailer', () => {
  test('prints mails', async () => {
    const printed: string[] = []
    await consoleMailer({ write: text => printed.push(text) }).send({ ...mail, cc: ['bob@example.org'] })
    assert.deepEqual(printed, [
      'From: shop@example.com\nTo: ann@example.org\nCc: bob@example.org\nSubject: Hello\nMessage-ID: <receipt-42@example.com>\n\nHi\n\n',
    ])
  })
})

describe('openMailer', () => {
  test('refuses addresses that it does not know, and lists what it does', () => {
    for (const url of [
      '',
      'mail',
      'imap://canary',
      'console:canary',
      'file:',
      'file://canary',
      'file:./mails?canary',
    ])
      assert.throws(
        () => openMailer(url),
        (error: Error) => /Allowed|takes|needs/.test(error.message) && !error.message.includes('canary'),
        url,
      )
  })
})
