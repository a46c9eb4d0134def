import { type EventFeed, events, type Rest } from 'portolan/rest'

/** Tells the pages that are open that something has changed; they fetch what they show. */
export function serveLive(rest: Rest, uses: { readonly changes: EventFeed }): void {
  rest.page({ method: 'GET', path: '/live', handler: () => events(uses.changes.subscribe) })
}
