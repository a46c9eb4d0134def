/** Tells listeners what happens, at once and in order. A listener that throws is the caller's mistake and is not caught. */
export interface Feed<Event> {
  publish(event: Event): void
  /** Returns what ends it. */
  subscribe(listener: (event: Event) => void): () => void
  /** Whether anybody listens: events need not be made when nobody does. */
  readonly watched: boolean
}

export function createFeed<Event>(): Feed<Event> {
  const listeners = new Set<(event: Event) => void>()
  return {
    publish(event) {
      for (const listener of listeners) listener(event)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    get watched() {
      return listeners.size > 0
    },
  }
}
