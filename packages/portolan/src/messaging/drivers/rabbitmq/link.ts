import type * as amqplib from 'amqplib'
import type { ChannelModel, ConfirmChannel, Options } from 'amqplib'
import type { Surroundings } from '../../../runtime/surroundings.ts'
import { closed } from './closed.ts'
import { gatherWrites } from './gathering-writes.ts'

type Client = Pick<typeof amqplib, 'connect'>
type Listener = () => void

/** Milliseconds between attempts to connect again: the first, doubled each time, and the most. */
const firstPause = 100
const longestPause = 5_000
const connectTimeoutMs = 5_000

/** A connection that is made again whenever it is lost, until it is closed. */
export class Link {
  readonly #client: Client
  readonly #nodes: readonly Options.Connect[]
  readonly #surroundings: Surroundings
  readonly #connected = new Set<Listener>()
  readonly #ended = new AbortController()
  #model: ChannelModel | undefined
  #channel: Promise<ConfirmChannel> | undefined
  #blocked: string | undefined

  /** `nodes`: of a cluster; any of them will do. */
  constructor(client: Client, nodes: readonly Options.Connect[], surroundings: Surroundings) {
    this.#client = client
    this.#nodes = nodes
    this.#surroundings = surroundings
  }

  /** Why it does not take messages now; `undefined`: it does. */
  get trouble(): string | undefined {
    if (!this.#model) return 'Not connected.'
    return this.#blocked && `It takes no messages: ${this.#blocked}.`
  }

  async open(): Promise<void> {
    await this.#connect()
  }

  /** Calls `listener` whenever it is connected again. Returns what ends that. */
  onConnected(listener: Listener): () => void {
    this.#connected.add(listener)
    return () => this.#connected.delete(listener)
  }

  /** A channel of its own for each consumer: what it has not acknowledged comes back when it closes. */
  async channel(): Promise<ConfirmChannel> {
    const channel = await this.#connection().createConfirmChannel()
    // Without a listener, an error of one channel would end the process. Whoever uses it sees it close.
    channel.on('error', () => {})
    return channel
  }

  /** The one that everybody publishes over. */
  publishing(): Promise<ConfirmChannel> {
    this.#channel ??= this.channel().then(
      channel => {
        channel.once('close', () => {
          this.#channel = undefined
        })
        return channel
      },
      error => {
        this.#channel = undefined
        throw error
      },
    )
    return this.#channel
  }

  /** For questions and declarations whose refusal closes a channel. */
  async briefly<T>(work: (channel: ConfirmChannel) => Promise<T>): Promise<T> {
    const channel = await this.channel()
    try {
      return await work(channel)
    } finally {
      await closed(channel)
    }
  }

  async close(): Promise<void> {
    this.#ended.abort()
    this.#connected.clear()
    if (this.#model) await closed(this.#model)
  }

  #connection(): ChannelModel {
    if (this.#model) return this.#model
    throw new Error('RabbitMQ is not connected.')
  }

  async #connect(): Promise<void> {
    const model = await this.#anyNode()
    gatherWrites(model.connection)
    this.#model = model
    this.#channel = undefined
    this.#blocked = undefined
    model.on('error', () => {})
    model.on('blocked', reason => {
      this.#blocked = reason
    })
    model.on('unblocked', () => {
      this.#blocked = undefined
    })
    model.once('close', () => {
      if (this.#model === model) this.#model = undefined
      if (!this.#ended.signal.aborted) void this.#reconnect()
    })
    if (this.#ended.signal.aborted) await closed(model)
  }

  async #anyNode(): Promise<ChannelModel> {
    let failure: unknown
    for (const node of this.#nodes) {
      try {
        return await this.#client.connect(node, { timeout: connectTimeoutMs, noDelay: true })
      } catch (error) {
        failure = explained(error, node)
      }
    }
    throw failure
  }

  async #reconnect(): Promise<void> {
    const { clock, random } = this.#surroundings
    for (let pause = firstPause; !this.#ended.signal.aborted; pause = Math.min(longestPause, pause * 2)) {
      try {
        // Not all processes at the same moment.
        await clock.sleep(pause * (0.5 + random.next() / 2), this.#ended.signal)
        await this.#connect()
        for (const listener of this.#connected) listener()
        return
      } catch {
        // `trouble` says so meanwhile.
      }
    }
  }
}

/** A virtual host that is not there, or not for this user, is told by amqplib as a frame that it did not expect. */
function explained(error: unknown, { vhost, username }: Options.Connect): unknown {
  if (!(error instanceof Error && error.message.startsWith('Expected ConnectionOpenOk'))) return error
  const message = `NOT_ALLOWED: there is no virtual host '${vhost}', or '${username}' may not use it.`
  return new Error(message, { cause: error })
}
