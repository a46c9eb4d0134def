import type { DeadLetters } from '../ports/dead-letters.ts'

/** The dead letters of a store that may not be ready yet. `replayed` is called when jobs have come back to life. */
export function deadLettersOf(
  stored: DeadLetters,
  ready: () => Promise<void>,
  replayed: () => void,
): DeadLetters {
  return {
    async list(options) {
      await ready()
      return stored.list(options)
    },
    async count() {
      await ready()
      return stored.count()
    },
    async replay(id) {
      await ready()
      await stored.replay(id)
      replayed()
    },
    async replayAll(filter) {
      await ready()
      const number = await stored.replayAll(filter)
      replayed()
      return number
    },
    async discard(id) {
      await ready()
      await stored.discard(id)
    },
  }
}
