import type { Clock, Service } from 'portolan'
import type { Database } from 'portolan/persistence'
import { type EventFeed, eventFeed } from 'portolan/rest'

/** However much happens, pages are told at most this often. */
const pauseMs = 500

/** Tells whoever listens that the shop's data has changed: in this process or in another one. */
export function createChanges(uses: {
  readonly database: Database
  readonly clock: Clock
}): EventFeed & Service {
  const { database, clock } = uses
  const feed = eventFeed({ history: 1 })
  let waiting = false
  const end = database.onCommit(() => {
    if (waiting || feed.subscribers === 0) return
    waiting = true
    clock.timer(pauseMs, () => {
      waiting = false
      feed.publish({ event: 'changed', data: '' })
    })
  })
  return {
    publish: event => feed.publish(event),
    subscribe: connection => feed.subscribe(connection),
    get subscribers() {
      return feed.subscribers
    },
    stop: end,
  }
}
