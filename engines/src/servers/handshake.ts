import { connect, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { answerTimeoutMs } from './server.ts'

const encrypted = new Set(['amqps:', 'mqtts:', 'nats+tls:', 'rediss:'])

/**
 * Says something to a server and reads what it answers, until that tells what is asked for. For servers whose first words are simple:
 * no client library is needed to know them.
 *
 * @throws Error when it hangs up, answers something else, or nothing in time.
 */
export function converse(
  url: string,
  {
    port,
    greeting = '',
    read,
  }: {
    /** Where the URL names none. */
    readonly port: number
    readonly greeting?: string | Uint8Array
    /** What the answer so far tells; `undefined` when it is not all there yet. Throws when it is another server's. */
    readonly read: (answer: Buffer) => string | undefined
  },
): Promise<string> {
  const { hostname, port: own, protocol } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  const at = { host, port: own === '' ? port : Number(own) }
  const servername = isIP(host) === 0 ? { servername: host } : {}
  const socket = encrypted.has(protocol) ? connectTls({ ...at, ...servername }) : connect(at)
  return new Promise<string>((resolve, reject) => {
    let answer = Buffer.alloc(0)
    socket.setTimeout(answerTimeoutMs, () => reject(new Error('it does not answer')))
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('it hangs up')))
    socket.on('data', chunk => {
      answer = Buffer.concat([answer, chunk])
      try {
        const told = read(answer)
        if (told !== undefined) resolve(told)
      } catch (error) {
        reject(error)
      }
    })
    socket.write(greeting)
  }).finally(() => socket.destroy())
}
