import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream'
import type { Surroundings } from '../../../runtime/surroundings.ts'
import { fromTransport } from '../../cloud-events.ts'
import type { ConsumeRequest, Consumption } from '../../driver.ts'
import { Loop } from '../../loop.ts'
import { Claim } from './claim.ts'
import { decodeHeader } from './header-text.ts'
import type { Positions } from './positions.ts'
import type { Streams } from './streams.ts'

export const headerPrefix = 'ce-'
/** Of structured mode, and of what others say of their data. */
const contentTypeHeader = 'content-type'
/** Milliseconds that a request for messages stands. */
const patience = 30_000

/** The messages of one topic in one partition. */
export class Subscription implements Consumption {
  readonly #topic: string
  readonly #request: ConsumeRequest
  readonly #prefetch: number
  readonly #streams: Streams
  readonly #positions: Positions
  readonly #surroundings: Surroundings
  readonly #loop: Loop
  #claim: Claim | undefined
  #consumer: Consumer | undefined
  /** How many messages it has delivered. */
  #delivered = 0
  /** What comes in answer to the request that stands. */
  #coming: ConsumerMessages | undefined
  #stopped = false

  constructor(
    topic: string,
    request: ConsumeRequest,
    streams: Streams,
    positions: Positions,
    surroundings: Surroundings,
  ) {
    this.#topic = topic
    this.#request = request
    this.#prefetch = Math.max(1, Math.ceil(request.prefetch / request.topics.length))
    this.#streams = streams
    this.#positions = positions
    this.#surroundings = surroundings
    const what = `consume '${topic}' for group '${request.group}'`
    this.#loop = new Loop(surroundings, what, () => this.#step())
  }

  start(): void {
    this.#loop.start()
  }

  /** The connection was lost, and with it perhaps messages that were on their way; or somebody else has claimed the stream. */
  lost(): void {
    this.#claim?.giveUp()
    this.#claim = undefined
    this.#coming?.stop()
    this.#loop.wake()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#coming?.stop()
    await this.#loop.stop()
  }

  async close(): Promise<void> {
    await this.stop()
    const claim = this.#claim
    this.#claim = undefined
    if (!claim) return
    await claim.close()
    // A server that does not hear it forgets the consumer by itself.
    await this.#consumer?.delete().catch(() => {})
  }

  async #step(): Promise<number> {
    if (!this.#request.owns()) {
      if (this.#claim) this.lost()
      return Infinity
    }
    if (!this.#claim) await this.#attach()
    const claim = this.#claim
    if (!claim) return 0
    const room = this.#prefetch - claim.inHand
    // Refilled by halves: a request for each single place would cost more than it brings.
    if (room < this.#prefetch / 2) return Infinity
    try {
      await this.#read(claim, room)
    } catch (error) {
      if (this.#claim === claim) this.lost()
      throw error
    }
    return 0
  }

  /** From where the last one has come to without a gap: what that one had in hand comes again at once, and in order. */
  async #attach(): Promise<void> {
    const { group, partition } = this.#request
    const stream = this.#streams.name(this.#topic, partition!)
    const position = await this.#positions.of(stream, group)
    if (!position) throw new Error(`Group '${group}' is not bound to '${this.#topic}' any more.`)
    const { first, last } = await this.#streams.extent(stream)
    // Somebody may have deleted the stream, which begins anew then, or removed what was in it.
    const sequence = position.sequence > last ? 0 : Math.max(position.sequence, first - 1)
    const revision = await this.#positions.move(stream, group, sequence, position.revision)
    if (revision === undefined) throw new Error('Another process has taken the partition over.')
    await this.#consumer?.delete().catch(() => {})
    this.#consumer = await this.#streams.read(stream, sequence + 1)
    this.#delivered = 0
    const claimed = { stream, group, position: { sequence, revision } }
    const claim = new Claim(claimed, this.#positions, this.#surroundings.clock, () => {
      if (this.#claim === claim) this.lost()
    })
    this.#claim = claim
  }

  async #read(claim: Claim, room: number): Promise<void> {
    const coming = await this.#consumer!.fetch({ max_messages: room, expires: patience })
    this.#coming = coming
    try {
      // It may have been asked to stop while it asked.
      if (!this.#reads(claim)) return
      for await (const message of coming) {
        if (!this.#reads(claim) || !this.#request.owns()) break
        if (message.info.deliverySequence !== ++this.#delivered) throw new Error('A message did not arrive.')
        this.#deliver(claim, message)
      }
    } finally {
      this.#coming = undefined
      coming.stop()
    }
  }

  #reads(claim: Claim): boolean {
    return !this.#stopped && this.#claim === claim
  }

  #deliver(claim: Claim, message: JsMsg): void {
    const headers: [string, string | undefined][] = []
    for (const name of message.headers?.keys() ?? [])
      headers.push([name, decodeHeader(message.headers!.get(name))])
    const wire = fromTransport(headerPrefix, {
      headers,
      contentType: message.headers?.get(contentTypeHeader) || undefined,
      body: message.data,
      topic: this.#topic,
      place: `${claim.stream}:${message.seq}`,
    })
    claim.add(message.seq)
    this.#request.deliver({
      message: wire,
      ack: async () => {
        claim.finish(message.seq)
        if (claim.inHand <= this.#prefetch / 2) this.#loop.wake()
      },
    })
  }
}
