import type { IPublishPacket } from 'mqtt'
import type { Health } from '../../../ports/service.ts'
import type { Surroundings } from '../../../runtime/surroundings.ts'
import type { Connection } from './connection.ts'
import type { Replies } from './replies.ts'

const version = '$SYS/broker/version'
/** How many it has thrown away because a session was full, counted every ten seconds. */
const dropped = '$SYS/broker/publish/messages/dropped'

/** What Mosquitto tells of itself; others have no such topics. It tells nobody at the time when it drops a message, of whomever. */
export class Mosquitto {
  readonly #surroundings: Surroundings
  #there = false
  #before: number | undefined
  #count = 0

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
  }

  /** Whether the broker is one, as far as it says so. */
  get there(): boolean {
    return this.#there
  }

  async watch(connection: Connection, replies: Replies): Promise<void> {
    // Whoever may not read them has no warnings.
    await connection.subscribe([version, dropped], true).catch(() => {})
    await replies.caughtUp(connection)
    // It says nothing before the first one.
    this.#before ??= 0
  }

  /** Whether it was about this. */
  take({ topic, payload }: IPublishPacket): boolean {
    if (topic === version) this.#there = payload.toString().startsWith('mosquitto')
    else if (topic === dropped) this.#drop(Number(payload.toString()))
    else return false
    return true
  }

  health(): Health {
    if (this.#count === 0) return { status: 'up' }
    const detail = `MQTT: the broker has dropped ${this.#count} messages meanwhile; set its max_queued_messages to 0.`
    return { status: 'degraded', detail }
  }

  #drop(total: number): void {
    // One that was started again counts from 0.
    const more = total - Math.min(this.#before ?? total, total)
    this.#before = total
    if (!(more > 0)) return
    this.#count += more
    const message =
      'The MQTT broker has dropped messages because a session was full. Set its max_queued_messages to 0.'
    this.#surroundings.logger.warn(message, { messages: more })
  }
}
