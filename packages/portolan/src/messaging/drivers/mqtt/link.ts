import type { Surroundings } from '../../../runtime/surroundings.ts'
import { Loop } from '../../loop.ts'
import type { Connection } from './connection.ts'

type Listener = () => void

/** The connection for everything but consuming. It is made again whenever it is lost, until it is closed. */
export class Link {
  readonly #connect: () => Promise<Connection>
  readonly #prepare: (connection: Connection) => Promise<void>
  readonly #loop: Loop
  readonly #connected = new Set<Listener>()
  #connection: Connection | undefined
  #closed = false

  /** `prepare` does what has to be done before anybody else uses a new connection. */
  constructor(
    surroundings: Surroundings,
    connect: () => Promise<Connection>,
    prepare: (connection: Connection) => Promise<void>,
  ) {
    this.#connect = connect
    this.#prepare = prepare
    this.#loop = new Loop(surroundings, 'connect to the MQTT broker', () => this.#step())
  }

  /** `undefined`: there is none now. */
  get connection(): Connection | undefined {
    return this.#connection
  }

  /** @throws Error when there is none. */
  require(): Connection {
    if (this.#connection) return this.#connection
    throw new Error('The MQTT broker is not connected.')
  }

  async open(): Promise<void> {
    await this.#step()
    this.#loop.start()
  }

  /** Calls `listener` whenever it is connected again. Returns what ends that. */
  onConnected(listener: Listener): () => void {
    this.#connected.add(listener)
    return () => this.#connected.delete(listener)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#connected.clear()
    await this.#loop.stop()
    await this.#connection?.close()
  }

  async #step(): Promise<number> {
    if (this.#connection || this.#closed) return Infinity
    const connection = await this.#connect()
    try {
      await this.#prepare(connection)
    } catch (error) {
      connection.destroy()
      throw error
    }
    this.#connection = connection
    void connection.closed.then(() => {
      this.#connection = undefined
      this.#loop.wake()
    })
    for (const listener of this.#connected) listener()
    return Infinity
  }
}
