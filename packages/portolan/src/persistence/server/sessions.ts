/** Where the connections of a server come from: the library's pool, or one that the application brought. */
export interface Sessions<Session> {
  acquire(signal?: AbortSignal): Session | Promise<Session>
  /** `broken`: nobody may have it again. */
  release(session: Session, state?: { readonly broken: boolean }): void
  /** After a loss: what is idle is as a rule lost, too. */
  dropIdle(): void
  /** Waits for what is lent; what still is when `late` aborts is dropped. */
  close(late?: AbortSignal): Promise<void>
}

/** What `database.native` is where the library opens the connections itself. */
export interface NativeSessions<Client> {
  /** Lends a client to `work`, outside of any unit of work: for cursors, bulk loads, and whatever else only the engine has. */
  use<T>(work: (client: Client) => Promise<T>): Promise<T>
}

/** `sessions` for an application; `prepare` makes one what its server's clients expect. */
export function nativeSessions<Client, Session extends { readonly client: Client }>(
  sessions: Sessions<Session>,
  prepare: (session: Session) => Promise<void> = async () => {},
): NativeSessions<Session['client']> {
  return {
    async use(work) {
      const session = await sessions.acquire()
      let broken = true
      try {
        await prepare(session)
        const result = await work(session.client)
        broken = false
        return result
      } finally {
        sessions.release(session, { broken })
      }
    },
  }
}
