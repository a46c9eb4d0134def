/** What makes the tables on one engine, a step for each migration. */
export interface TableSteps {
  /** What is published and not taken yet, delayed, handled, given up. */
  readonly outbox: string
  /** Who does which share of the work, and which groups do nothing. */
  readonly shards: string
  /** What the database broker keeps for its groups. */
  readonly databaseBroker: string
  /** What is tried again of other brokers' messages. */
  readonly retries: string
  /** The state of processes, and delayed messages that one group alone is to have. */
  readonly sagas: string
}
