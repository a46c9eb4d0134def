import type { TableSteps } from './steps.ts'

/** `AUTOINCREMENT`, because a `seq` that was deleted must never come again. */
/** Of a message that waits for one group. */
const delivery = `seq INTEGER PRIMARY KEY AUTOINCREMENT,
        consumer_group TEXT NOT NULL,
        shard INTEGER NOT NULL,
        id TEXT NOT NULL,
        topic TEXT NOT NULL,
        key TEXT,
        attributes TEXT NOT NULL,
        payload TEXT NOT NULL,
        failures INTEGER NOT NULL DEFAULT 0,
        due_at INTEGER NOT NULL DEFAULT 0,
        created_at INTEGER NOT NULL,
        history TEXT`

export const sqliteTables: TableSteps = {
  outbox: `
      -- Published, but not confirmed by the broker yet. Insert only, and no index but the key.
      CREATE TABLE portolan_messaging_outbox (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        shard INTEGER NOT NULL,
        id TEXT NOT NULL,
        topic TEXT NOT NULL,
        key TEXT,
        attributes TEXT NOT NULL,
        payload TEXT NOT NULL,
        consumer_group TEXT,
        created_at INTEGER NOT NULL,
        history TEXT
      );

      -- To be published when it is due.
      CREATE TABLE portolan_messaging_delayed (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        due_at INTEGER NOT NULL,
        id TEXT NOT NULL,
        topic TEXT NOT NULL,
        key TEXT,
        attributes TEXT NOT NULL,
        payload TEXT NOT NULL
      );
      CREATE INDEX portolan_messaging_delayed_due ON portolan_messaging_delayed (due_at);

      -- What a group has handled, where the broker cannot join the unit of work.
      CREATE TABLE portolan_messaging_inbox (
        consumer_group TEXT NOT NULL,
        message_id TEXT NOT NULL,
        handled_at INTEGER NOT NULL,
        PRIMARY KEY (consumer_group, message_id)
      ) WITHOUT ROWID;
      CREATE INDEX portolan_messaging_inbox_age ON portolan_messaging_inbox (handled_at);

      -- Given up. Without a group: the broker refused to take it.
      CREATE TABLE portolan_messaging_dead (
        id TEXT NOT NULL PRIMARY KEY,
        consumer_group TEXT,
        message_id TEXT NOT NULL,
        topic TEXT NOT NULL,
        key TEXT,
        attributes TEXT NOT NULL,
        payload TEXT NOT NULL,
        reason TEXT NOT NULL,
        stack TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        died_at INTEGER NOT NULL,
        history TEXT
      );
      CREATE UNIQUE INDEX portolan_messaging_dead_message
        ON portolan_messaging_dead (message_id, COALESCE(consumer_group, ''));
    `,
  shards: `
      -- Who takes part in the work of a scope, and until when the others must believe it.
      CREATE TABLE portolan_messaging_member (
        scope TEXT NOT NULL,
        member TEXT NOT NULL,
        lease_until INTEGER NOT NULL,
        PRIMARY KEY (scope, member)
      ) WITHOUT ROWID;

      -- The shares of the work. The epoch rises with each new owner.
      CREATE TABLE portolan_messaging_shard (
        scope TEXT NOT NULL,
        shard INTEGER NOT NULL,
        owner TEXT,
        epoch INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (scope, shard)
      ) WITHOUT ROWID;

      -- What was begun after a process had ended without giving back its share, and has not ended: it may be what ends them.
      CREATE TABLE portolan_messaging_suspect (
        consumer_group TEXT NOT NULL,
        message_id TEXT NOT NULL,
        begun INTEGER NOT NULL,
        begun_at INTEGER NOT NULL,
        moments TEXT NOT NULL,
        PRIMARY KEY (consumer_group, message_id)
      ) WITHOUT ROWID;

      -- The groups that take nothing until somebody resumes them.
      CREATE TABLE portolan_messaging_pause (
        consumer_group TEXT NOT NULL PRIMARY KEY,
        paused_at INTEGER NOT NULL
      ) WITHOUT ROWID;
    `,
  databaseBroker: `
      CREATE TABLE portolan_messaging_binding (
        topic TEXT NOT NULL,
        consumer_group TEXT NOT NULL,
        PRIMARY KEY (topic, consumer_group)
      ) WITHOUT ROWID;

      -- What a group has not handled yet: a row for each group and message, so that handling it is one delete.
      CREATE TABLE portolan_messaging_delivery (
        ${delivery}
      );
      CREATE INDEX portolan_messaging_delivery_group ON portolan_messaging_delivery (consumer_group, seq, shard);
    `,
  retries: `
      -- Messages of another broker that failed, and what follows them in their keys, until they are handled.
      CREATE TABLE portolan_messaging_retry (
        ${delivery}
      );
      CREATE INDEX portolan_messaging_retry_group ON portolan_messaging_retry (consumer_group, seq, shard);
      CREATE INDEX portolan_messaging_retry_key ON portolan_messaging_retry (consumer_group, key) WHERE key IS NOT NULL;
    `,
  sagas: `
      ALTER TABLE portolan_messaging_delayed ADD COLUMN consumer_group TEXT;

      -- A row for each process, under the key that messages are correlated by.
      CREATE TABLE portolan_messaging_saga (
        saga TEXT NOT NULL,
        saga_key TEXT NOT NULL,
        id TEXT NOT NULL,
        version INTEGER NOT NULL,
        status TEXT NOT NULL,
        state_version INTEGER NOT NULL,
        state TEXT NOT NULL,
        steps TEXT NOT NULL,
        timeouts TEXT NOT NULL,
        reason TEXT,
        started_at INTEGER NOT NULL,
        ended_at INTEGER,
        PRIMARY KEY (saga, saga_key)
      );
      CREATE INDEX portolan_messaging_saga_ended ON portolan_messaging_saga (ended_at) WHERE ended_at IS NOT NULL;
    `,
}
