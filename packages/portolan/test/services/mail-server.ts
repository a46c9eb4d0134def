import type { AddressInfo } from 'node:net'
import PostalMime, { type Address } from 'postal-mime'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import type { ReceivedMail } from '../../src/contracts/mailer.ts'

/** An SMTP server on the loopback that keeps what it takes. */
export async function openMailServer(options: SMTPServerOptions = {}) {
  const messages: Buffer[] = []
  let connections = 0
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onConnect(_, done) {
      connections += 1
      done()
    },
    onData(stream, _, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        messages.push(Buffer.concat(chunks))
        done()
      })
    },
    ...options,
  })
  server.on('error', () => {
    // A client that goes away in the middle is part of the tests.
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    connections: () => connections,
    received: () => Promise.all(messages.map(readMail)),
    [Symbol.asyncDispose]: () => new Promise<void>(resolve => server.close(() => resolve())),
  }
}

export async function readMail(raw: Uint8Array): Promise<ReceivedMail> {
  const { from, to, cc, subject, text, html, messageId } = await PostalMime.parse(raw)
  const addresses = (list: readonly Address[] = []) => list.map(({ address }) => address!)
  return {
    from: from!.address!,
    to: addresses(to),
    cc: addresses(cc),
    subject: subject!,
    text: text ?? '',
    html,
    messageId: messageId!,
  }
}
