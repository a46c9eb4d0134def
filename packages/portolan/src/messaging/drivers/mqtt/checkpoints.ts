import type { Connection } from './connection.ts'

/** Resolves when what the broker held at the time of the call is where its own death does not reach it. */
export type Checkpoint = (connection: Connection) => Promise<void>

export const noCheckpoint: Checkpoint = async () => {}

/**
 * Makes Mosquitto write its file, where it is told to do so after each change: a retained message is one, while those that it sends to
 * somebody at once are none. It writes before it reads on, so that the next answer comes from after that.
 *
 * One at a time: those that ask meanwhile share the next one.
 */
export function checkpoints(topic: string): Checkpoint {
  let next: Promise<void> | undefined
  let last: Promise<unknown> = Promise.resolve()
  const make = async (connection: Connection) => {
    await connection.publish(topic, 'saved', { retain: true })
    await connection.publish(topic, 'saved')
  }
  return connection => {
    next ??= last.then(() => {
      next = undefined
      const made = make(connection)
      last = made.catch(() => {})
      return made
    })
    return next
  }
}
