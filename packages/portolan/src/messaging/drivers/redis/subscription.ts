import type { Surroundings } from '../../../runtime/surroundings.ts'
import { fromTransport } from '../../cloud-events.ts'
import type { ConsumeRequest, Consumption } from '../../driver.ts'
import { Loop } from '../../loop.ts'
import type { Entry, StreamsClient } from './client.ts'
import { inner, type Keys } from './scripts.ts'

/** The field that holds the data; the others are CloudEvents attributes. */
export const dataField = 'data'

/**
 * One stream, read by one process at a time. Whoever takes it over first claims whatever its predecessors have read and not acknowledged,
 * in order; so does this process itself when an answer was lost.
 */
export class Subscription implements Consumption {
  readonly stream: string
  readonly #request: ConsumeRequest
  readonly #client: StreamsClient
  readonly #keys: Keys
  readonly #token: string
  readonly #loop: Loop
  readonly #inHand = new Set<string>()
  /** While it claims: from which id on. */
  #claiming: string | undefined
  /** Taken over, and not lost since. */
  #attached = false
  #stopped = false

  constructor(
    stream: string,
    request: ConsumeRequest,
    client: StreamsClient,
    keys: Keys,
    surroundings: Surroundings,
  ) {
    this.stream = stream
    this.#request = request
    this.#client = client
    this.#keys = keys
    this.#token = surroundings.ids.next()
    this.#loop = new Loop(surroundings, `read the stream '${stream}'`, () => this.#step())
  }

  get group(): string {
    return this.#request.group
  }

  start(): void {
    this.#loop.start()
  }

  wake(): void {
    this.#loop.wake()
  }

  /** The connection was lost, and with it perhaps an answer. */
  lost(): void {
    this.#attached = false
    this.#loop.wake()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#loop.stop()
  }

  async close(): Promise<void> {
    await this.stop()
    this.#inHand.clear()
  }

  async #step(): Promise<number> {
    if (!this.#request.owns()) return Infinity
    if (!this.#attached) await this.#attach()
    const room = this.#request.prefetch - this.#inHand.size
    // Refilled by halves: a command for each single place would cost more than it brings.
    if (room < this.#request.prefetch / 2) return Infinity
    const found = this.#claiming === undefined ? await this.#read(room) : await this.#claim(room)
    // Somebody else has taken the stream over; or Redis came back without its memory.
    if (found === undefined) {
      this.#attached = false
      return 0
    }
    return found > 0 || this.#claiming !== undefined ? 0 : Infinity
  }

  async #attach(): Promise<void> {
    await this.#client.redis.hset(this.#keys.owners, this.stream, this.#token)
    // What is in hand from before is claimed and delivered again; it is recognised by its id when it is handled.
    this.#inHand.clear()
    this.#claiming = '0-0'
    this.#attached = true
  }

  async #read(count: number): Promise<number | undefined> {
    const answer = await this.#client.read([this.#keys.owners, this.stream], [this.#token, inner, count])
    if (!answer) return undefined
    const entries = answer[0]?.[1] ?? []
    for (const entry of entries) this.#deliver(entry)
    return entries.length
  }

  async #claim(count: number): Promise<number | undefined> {
    const { owners } = this.#keys
    const answer = await this.#client.claim(
      [owners, this.stream],
      [this.#token, inner, count, this.#claiming!],
    )
    if (!answer) return undefined
    const [next, entries] = answer
    this.#claiming = next === '0-0' ? undefined : next
    for (const entry of entries) this.#deliver(entry)
    return entries.length
  }

  #deliver([id, fields]: Entry): void {
    if (!fields || this.#stopped) return
    this.#inHand.add(id)
    const headers: [string, string][] = []
    let body = ''
    for (let at = 0; at < fields.length; at += 2) {
      if (fields[at] === dataField) body = fields[at + 1]!
      else headers.push([fields[at]!, fields[at + 1]!])
    }
    const message = fromTransport('', {
      ...{ headers, contentType: undefined, body, topic: '', place: `${this.stream}:${id}` },
    })
    this.#request.deliver({ message, ack: () => this.#ack(id) })
  }

  async #ack(id: string): Promise<void> {
    if (!this.#inHand.has(id)) return
    // Deleted first: an entry that is deleted and not acknowledged is forgotten by the next claim, one that is acknowledged and not
    // deleted would stay for ever.
    await Promise.all([
      this.#client.redis.xdel(this.stream, id),
      this.#client.redis.xack(this.stream, inner, id),
    ])
    this.#inHand.delete(id)
    if (this.#inHand.size <= this.#request.prefetch / 2) this.#loop.wake()
  }
}
