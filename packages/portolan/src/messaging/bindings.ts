import type { Database } from '../persistence/database.ts'
import { insertIfAbsent } from '../persistence/insert-if-absent.ts'

const table = 'portolan_messaging_binding'

/** Which groups get the messages of which topics, as far as this database knows. */
export class Bindings {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async add(group: string, topics: readonly string[]): Promise<void> {
    for (const topic of topics) await insertIfAbsent(this.#database, table, { topic, consumer_group: group })
  }

  async remove(group: string, topic: string): Promise<void> {
    await this.#database.execute(`DELETE FROM ${table} WHERE topic = ? AND consumer_group = ?`, [
      topic,
      group,
    ])
  }

  async groups(): Promise<string[]> {
    const rows = await this.#database.query<{ consumer_group: string }>(
      `SELECT DISTINCT consumer_group FROM ${table} ORDER BY consumer_group`,
    )
    return rows.map(row => row.consumer_group)
  }

  async topicsOf(group: string): Promise<string[]> {
    const rows = await this.#database.query<{ topic: string }>(
      `SELECT topic FROM ${table} WHERE consumer_group = ? ORDER BY topic`,
      [group],
    )
    return rows.map(row => row.topic)
  }

  /** The groups that are bound to each of `topics`. */
  async of(topics: readonly string[]): Promise<(topic: string) => readonly string[]> {
    const groups = new Map<string, string[]>()
    for (const { sql, parameters } of await this.#database.grammar.lists(table, 'topic', topics)) {
      const rows = await this.#database.query<{ topic: string; consumer_group: string }>(
        `SELECT topic, consumer_group FROM ${table} WHERE topic IN ${sql}`,
        parameters,
      )
      for (const { topic, consumer_group } of rows) {
        const known = groups.get(topic)
        if (known) known.push(consumer_group)
        else groups.set(topic, [consumer_group])
      }
    }
    return topic => groups.get(topic) ?? []
  }
}
