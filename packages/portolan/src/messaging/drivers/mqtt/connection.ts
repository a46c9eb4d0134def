import type * as mqtt from 'mqtt'
import type { IClientPublishOptions, IConnackPacket, IPublishPacket, MqttClient } from 'mqtt'
import { InfrastructureError } from '../../../ports/errors.ts'
import type { Clock } from '../../../ports/time.ts'
import type { BrokerAddress } from '../../broker-url.ts'

/** What connections are made with. */
export interface Access {
  readonly library: Pick<typeof mqtt, 'connect'>
  readonly address: BrokerAddress
  readonly clock: Clock
}

export interface ConnectionOptions {
  /** Of a session that the broker keeps for ever, with what waits in it. `undefined`: it ends with the connection. */
  readonly session?: string
  /** The most messages that are sent to us and not acknowledged. Default: as many as the broker likes. */
  readonly receiveMaximum?: number
  /** Called for each message, in order, from before `openConnection` resolves. Where there is a session, it has to acknowledge it. */
  take(packet: IPublishPacket, connection: Connection): void
}

/** What a publisher is told. */
export type Receipt = 'taken' | 'taken, and nobody is subscribed'

const connectTimeoutMs = 5_000
const closeTimeoutMs = 2_000
/** Seconds. A broker that does not answer for one and a half of them counts as gone. */
const keepalive = 10
/** Of an acknowledgement in MQTT 5. */
const noMatchingSubscribers = 0x10
const never = 0xffff_ffff

/**
 * Connects to the first of the broker's hosts that answers. Rejects with the error of the last one.
 *
 * @throws InfrastructureError `unsupported` where the broker has not what messaging needs.
 */
export async function openConnection(access: Access, options: ConnectionOptions): Promise<Connection> {
  let failure: unknown
  for (const node of access.address.hosts) {
    try {
      return await connect(access, node, options)
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

function connect(
  { library, address, clock }: Access,
  node: BrokerAddress['hosts'][0],
  { session, receiveMaximum, take }: ConnectionOptions,
): Promise<Connection> {
  const { encrypted, user, password } = address
  const client = library.connect({
    ...{ ...node, protocol: encrypted ? 'mqtts' : 'mqtt', protocolVersion: 5, keepalive },
    ...(user !== undefined && { username: user }),
    ...(password !== undefined && { password }),
    ...{ clientId: session ?? '', clean: session === undefined, connectTimeout: connectTimeoutMs },
    // A connection is made once: whoever takes a session up again must be asked first whether it is still its own.
    ...{ reconnectPeriod: 0, resubscribe: false },
    properties: {
      ...(session !== undefined && { sessionExpiryInterval: never }),
      ...(receiveMaximum !== undefined && { receiveMaximum }),
    },
  })
  return new Promise((resolve, reject) => {
    const connection = new Connection(client, clock)
    client.on('error', reject)
    client.on('close', () => reject(new Error('The broker closed the connection.')))
    client.handleMessage = (packet, callback) => {
      take(packet, connection)
      // With an error, the library sends no acknowledgement, and goes on: ours comes when the message is done with.
      callback(session === undefined ? undefined : new Error('Acknowledged later.'))
    }
    client.once('connect', ({ sessionPresent, properties }) => {
      const missing = whatIsMissing(properties)
      if (missing !== undefined) {
        connection.destroy()
        reject(new InfrastructureError('unsupported', `The MQTT broker ${missing}, which messaging needs.`))
      }
      connection.begin(sessionPresent, properties)
      resolve(connection)
    })
  })
}

type Properties = IConnackPacket['properties']

function whatIsMissing(properties: Properties): string | undefined {
  if (properties?.maximumQoS === 0) return 'has no quality of service 1'
  return properties?.retainAvailable === false ? 'keeps no retained messages' : undefined
}

/** One connection, until it is closed or lost. Everything that waits for an answer rejects then. */
export class Connection {
  readonly closed: Promise<void>
  readonly #client: MqttClient
  readonly #clock: Clock
  readonly #waiting = new Set<(error: Error) => void>()
  readonly #unheard = new Set<number>()
  readonly #turns: (() => void)[] = []
  #free = 65_535
  #resumed = false
  #largest = 268_435_455
  #keptFor: number | undefined
  #lost = false

  constructor(client: MqttClient, clock: Clock) {
    this.#client = client
    this.#clock = clock
    this.closed = new Promise(resolve => {
      client.on('close', () => {
        this.#lost = true
        const error = new Error('The connection to the broker was lost.')
        for (const reject of this.#waiting) reject(error)
        for (const turn of this.#turns.splice(0)) turn()
        resolve()
      })
    })
    client.on('packetreceive', packet => {
      if (packet.cmd !== 'puback' || packet.reasonCode !== noMatchingSubscribers) return
      this.#unheard.add(packet.messageId!)
    })
  }

  /** What the broker said of itself. */
  begin(resumed: boolean, properties: Properties): void {
    this.#resumed = resumed
    this.#free = properties?.receiveMaximum ?? this.#free
    this.#largest = properties?.maximumPacketSize ?? this.#largest
    this.#keptFor = properties?.sessionExpiryInterval
  }

  get lost(): boolean {
    return this.#lost
  }

  /** Whether the broker still had its session. */
  get resumed(): boolean {
    return this.#resumed
  }

  /** Seconds for which the broker keeps the session when nobody is connected; `undefined`: as asked, for ever. */
  get keptFor(): number | undefined {
    return this.#keptFor
  }

  /** Bytes of the largest packet that the broker takes. */
  get largestPacket(): number {
    return this.#largest
  }

  /** At quality of service 1, in the order of the calls, and never more at a time than the broker takes. */
  async publish(
    topic: string,
    payload: string | Buffer,
    options: Omit<IClientPublishOptions, 'qos'> = {},
  ): Promise<Receipt> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>(resolve => this.#turns.push(resolve))
    try {
      const sent = await this.#answer<{ readonly messageId?: number } | undefined>(callback =>
        this.#client.publish(topic, payload, { ...options, qos: 1 }, callback),
      )
      return this.#unheard.delete(sent?.messageId ?? -1) ? 'taken, and nobody is subscribed' : 'taken'
    } finally {
      const next = this.#turns.shift()
      if (next) next()
      else this.#free++
    }
  }

  /** From now on; what is retained comes only where `retained`. */
  async subscribe(topics: readonly string[], retained = false): Promise<void> {
    await this.#answer(callback =>
      this.#client.subscribe([...topics], { qos: 1, rh: retained ? 0 : 2 }, callback),
    )
  }

  async unsubscribe(topics: readonly string[]): Promise<void> {
    await this.#answer(callback => this.#client.unsubscribe([...topics], callback))
  }

  /** That a message of the session is done with. Nothing where the connection is gone: it comes again. */
  acknowledge(messageId: number): void {
    if (this.#lost) return
    // The library's own would come at once, and one message after the other.
    this.#client.stream.write(Buffer.of(0x40, 2, messageId >> 8, messageId & 0xff))
  }

  /** Orderly: the broker has read everything before, if it reads. `forget`: it ends the session, too. Idempotent. */
  async close(forget = false): Promise<void> {
    if (this.#lost) return
    this.#client.end(false, forget ? { properties: { sessionExpiryInterval: 0 } } : {})
    const timer = this.#clock.timer(closeTimeoutMs, () => this.destroy())
    await this.closed
    timer.cancel()
  }

  /** At once. Idempotent. */
  destroy(): void {
    if (!this.#lost) this.#client.stream.destroy()
  }

  #answer<T>(ask: (callback: (error?: Error | null, answer?: T) => void) => void): Promise<T | undefined> {
    if (this.#lost) return Promise.reject(new Error('The broker is not connected.'))
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject)
      ask((error, answer) => {
        this.#waiting.delete(reject)
        if (error) reject(error)
        else resolve(answer)
      })
    })
  }
}
