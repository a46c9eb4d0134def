import type { Store } from '../store/store.ts'

export interface MailRow {
  readonly seq: number
  /** The Message-ID, without its angle brackets. */
  readonly id: string
  readonly sender: string
  /** JSON. */
  readonly recipients: string
  readonly at: number
  readonly deliveries: number
  readonly raw: Uint8Array
}

/** Received mails, in SQLite: one for each Message-ID. */
export function createInbox(store: Store) {
  store.define(`
    CREATE TABLE IF NOT EXISTS mails (
      seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, sender TEXT NOT NULL, recipients TEXT NOT NULL,
      at INTEGER NOT NULL, deliveries INTEGER NOT NULL DEFAULT 1, raw BLOB NOT NULL
    );
  `)
  const known = store.one<{ id: string }>('SELECT id FROM mails WHERE id = ?')
  const count = store.one<{ count: number }>('SELECT count(*) AS count FROM mails')
  return {
    /** The same Message-ID again is the same mail, delivered once more. */
    put: store.write(`
      INSERT INTO mails (id, sender, recipients, at, raw) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET deliveries = deliveries + 1`),
    has: (id: string) => known(id) !== undefined,
    find: store.one<MailRow>('SELECT * FROM mails WHERE id = ?'),
    latest: store.all<MailRow>('SELECT * FROM mails WHERE seq < ? ORDER BY seq DESC LIMIT ?'),
    count: () => count()?.count ?? 0,
  }
}
