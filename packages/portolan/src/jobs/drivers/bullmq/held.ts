/** What the sessions of this process hold: BullMQ has a lock for each job, and none for a worker. */
export class Held {
  /** session → job → type */
  readonly #sessions = new Map<string, Map<string, string>>()

  add(session: string, id: string, type: string): void {
    let jobs = this.#sessions.get(session)
    if (!jobs) {
      jobs = new Map()
      this.#sessions.set(session, jobs)
    }
    jobs.set(id, type)
  }

  delete(session: string, id: string): void {
    this.#sessions.get(session)?.delete(id)
  }

  has(session: string, id: string): boolean {
    return this.#sessions.get(session)?.has(id) ?? false
  }

  /** The ids that `session` holds, by type. */
  byType(session: string): Map<string, string[]> {
    return Map.groupBy(this.#sessions.get(session)?.keys() ?? [], id => this.#sessions.get(session)!.get(id)!)
  }

  end(session: string): void {
    this.#sessions.delete(session)
  }
}
