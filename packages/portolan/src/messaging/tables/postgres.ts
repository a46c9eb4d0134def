import type { TableSteps } from './steps.ts'

/** Of a message that waits for one group. */
const delivery = `seq BIGINT GENERATED ALWAYS AS IDENTITY,
      consumer_group TEXT COLLATE "C" NOT NULL,
      shard SMALLINT NOT NULL,
      id TEXT COLLATE "C" NOT NULL,
      topic TEXT COLLATE "C" NOT NULL,
      "key" TEXT COLLATE "C",
      attributes TEXT NOT NULL,
      payload TEXT NOT NULL,
      failures INTEGER NOT NULL DEFAULT 0,
      due_at BIGINT NOT NULL DEFAULT 0,
      created_at BIGINT NOT NULL,
      history TEXT,
      PRIMARY KEY (consumer_group, seq)`

/** Keys compare byte by byte, whatever the locale of the database. */
export const postgresTables: TableSteps = {
  outbox: `
    -- Published, but not confirmed by the broker yet. Insert only, and no index but the key.
    CREATE TABLE portolan_messaging_outbox (
      seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      shard SMALLINT NOT NULL,
      id TEXT COLLATE "C" NOT NULL,
      topic TEXT COLLATE "C" NOT NULL,
      "key" TEXT COLLATE "C",
      attributes TEXT NOT NULL,
      payload TEXT NOT NULL,
      consumer_group TEXT COLLATE "C",
      created_at BIGINT NOT NULL,
      history TEXT
    );

    -- To be published when it is due.
    CREATE TABLE portolan_messaging_delayed (
      seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      due_at BIGINT NOT NULL,
      id TEXT COLLATE "C" NOT NULL,
      topic TEXT COLLATE "C" NOT NULL,
      "key" TEXT COLLATE "C",
      attributes TEXT NOT NULL,
      payload TEXT NOT NULL
    );
    CREATE INDEX portolan_messaging_delayed_due ON portolan_messaging_delayed (due_at);

    -- What a group has handled, where the broker cannot join the unit of work.
    CREATE TABLE portolan_messaging_inbox (
      consumer_group TEXT COLLATE "C" NOT NULL,
      message_id TEXT COLLATE "C" NOT NULL,
      handled_at BIGINT NOT NULL,
      PRIMARY KEY (consumer_group, message_id)
    );
    CREATE INDEX portolan_messaging_inbox_age ON portolan_messaging_inbox (handled_at);

    -- Given up. Without a group: the broker refused to take it.
    CREATE TABLE portolan_messaging_dead (
      id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
      consumer_group TEXT COLLATE "C",
      message_id TEXT COLLATE "C" NOT NULL,
      topic TEXT COLLATE "C" NOT NULL,
      "key" TEXT COLLATE "C",
      attributes TEXT NOT NULL,
      payload TEXT NOT NULL,
      reason TEXT NOT NULL,
      stack TEXT NOT NULL,
      attempts INTEGER NOT NULL,
      died_at BIGINT NOT NULL,
      history TEXT
    );
    CREATE UNIQUE INDEX portolan_messaging_dead_message
      ON portolan_messaging_dead (message_id, COALESCE(consumer_group, ''));
  `,
  shards: `
    -- Who takes part in the work of a scope, and until when the others must believe it.
    CREATE TABLE portolan_messaging_member (
      scope TEXT COLLATE "C" NOT NULL,
      member TEXT COLLATE "C" NOT NULL,
      lease_until BIGINT NOT NULL,
      PRIMARY KEY (scope, member)
    );

    -- The shares of the work. The epoch rises with each new owner.
    CREATE TABLE portolan_messaging_shard (
      scope TEXT COLLATE "C" NOT NULL,
      shard SMALLINT NOT NULL,
      owner TEXT COLLATE "C",
      epoch BIGINT NOT NULL DEFAULT 0,
      PRIMARY KEY (scope, shard)
    );

    -- What was begun after a process had ended without giving back its share, and has not ended: it may be what ends them.
    CREATE TABLE portolan_messaging_suspect (
      consumer_group TEXT COLLATE "C" NOT NULL,
      message_id TEXT COLLATE "C" NOT NULL,
      begun INTEGER NOT NULL,
      begun_at BIGINT NOT NULL,
      moments TEXT NOT NULL,
      PRIMARY KEY (consumer_group, message_id)
    );

    -- The groups that take nothing until somebody resumes them.
    CREATE TABLE portolan_messaging_pause (
      consumer_group TEXT COLLATE "C" NOT NULL PRIMARY KEY,
      paused_at BIGINT NOT NULL
    );
  `,
  databaseBroker: `
    CREATE TABLE portolan_messaging_binding (
      topic TEXT COLLATE "C" NOT NULL,
      consumer_group TEXT COLLATE "C" NOT NULL,
      PRIMARY KEY (topic, consumer_group)
    );

    -- What a group has not handled yet: a row for each group and message, so that handling it is one delete. The key alone is an
    -- index: a group reads its own rows in order, and knows them when it deletes.
    CREATE TABLE portolan_messaging_delivery (
      ${delivery}
    );
  `,
  retries: `
    -- Messages of another broker that failed, and what follows them in their keys, until they are handled.
    CREATE TABLE portolan_messaging_retry (
      ${delivery}
    );
    -- Of a hash: keys may be longer than what fits into an index.
    CREATE INDEX portolan_messaging_retry_key ON portolan_messaging_retry USING hash ("key");
  `,
  sagas: `
    ALTER TABLE portolan_messaging_delayed ADD COLUMN consumer_group TEXT COLLATE "C";

    -- A row for each process, under the key that messages are correlated by.
    CREATE TABLE portolan_messaging_saga (
      saga TEXT COLLATE "C" NOT NULL,
      saga_key TEXT COLLATE "C" NOT NULL,
      id TEXT COLLATE "C" NOT NULL,
      version BIGINT NOT NULL,
      status TEXT COLLATE "C" NOT NULL,
      state_version BIGINT NOT NULL,
      state TEXT NOT NULL,
      steps TEXT NOT NULL,
      timeouts TEXT NOT NULL,
      reason TEXT,
      started_at BIGINT NOT NULL,
      ended_at BIGINT,
      PRIMARY KEY (saga, saga_key)
    );
    CREATE INDEX portolan_messaging_saga_ended ON portolan_messaging_saga (ended_at) WHERE ended_at IS NOT NULL;
  `,
}
