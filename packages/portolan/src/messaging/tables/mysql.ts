import type { TableSteps } from './steps.ts'

// Text that is compared does so by its code points; 200 of them at most, so that two such columns fit into an index. What is only
// carried may be as long as a statement can be.
const name = 'VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin'
const scope = 'VARCHAR(220) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin'
const text = 'LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin'

/** Of a message that waits for one group. */
const delivery = `seq BIGINT NOT NULL AUTO_INCREMENT,
      consumer_group ${name} NOT NULL,
      shard SMALLINT NOT NULL,
      id ${text} NOT NULL,
      topic ${name} NOT NULL,
      "key" ${text},
      attributes ${text} NOT NULL,
      payload ${text} NOT NULL,
      failures INTEGER NOT NULL DEFAULT 0,
      due_at BIGINT NOT NULL DEFAULT 0,
      created_at BIGINT NOT NULL,
      history ${text},
      PRIMARY KEY (consumer_group, seq),
      KEY seq (seq)`

export const mysqlTables: TableSteps = {
  outbox: `
    -- Published, but not confirmed by the broker yet. Insert only, and no index but the key.
    CREATE TABLE portolan_messaging_outbox (
      seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
      shard SMALLINT NOT NULL,
      id ${text} NOT NULL,
      topic ${name} NOT NULL,
      "key" ${text},
      attributes ${text} NOT NULL,
      payload ${text} NOT NULL,
      consumer_group ${name},
      created_at BIGINT NOT NULL,
      history ${text}
    ) ENGINE = InnoDB;

    -- To be published when it is due.
    CREATE TABLE portolan_messaging_delayed (
      seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
      due_at BIGINT NOT NULL,
      id ${text} NOT NULL,
      topic ${name} NOT NULL,
      "key" ${text},
      attributes ${text} NOT NULL,
      payload ${text} NOT NULL,
      KEY due (due_at)
    ) ENGINE = InnoDB;

    -- What a group has handled, where the broker cannot join the unit of work.
    CREATE TABLE portolan_messaging_inbox (
      consumer_group ${name} NOT NULL,
      message_id ${name} NOT NULL,
      handled_at BIGINT NOT NULL,
      PRIMARY KEY (consumer_group, message_id),
      KEY age (handled_at)
    ) ENGINE = InnoDB;

    -- Given up. Without a group: the broker refused to take it. An index takes neither an expression nor text of any length.
    CREATE TABLE portolan_messaging_dead (
      id ${name} NOT NULL PRIMARY KEY,
      consumer_group ${name},
      message_id ${text} NOT NULL,
      topic ${name} NOT NULL,
      "key" ${text},
      attributes ${text} NOT NULL,
      payload ${text} NOT NULL,
      reason ${text} NOT NULL,
      stack ${text} NOT NULL,
      attempts INTEGER NOT NULL,
      died_at BIGINT NOT NULL,
      history ${text},
      message_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin AS (SHA2(message_id, 256)) STORED,
      group_or_none ${name} AS (COALESCE(consumer_group, '')) STORED,
      UNIQUE KEY message (message_hash, group_or_none)
    ) ENGINE = InnoDB;
  `,
  shards: `
    -- Who takes part in the work of a scope, and until when the others must believe it.
    CREATE TABLE portolan_messaging_member (
      scope ${scope} NOT NULL,
      member ${name} NOT NULL,
      lease_until BIGINT NOT NULL,
      PRIMARY KEY (scope, member)
    ) ENGINE = InnoDB;

    -- The shares of the work. The epoch rises with each new owner.
    CREATE TABLE portolan_messaging_shard (
      scope ${scope} NOT NULL,
      shard SMALLINT NOT NULL,
      owner ${name},
      epoch BIGINT NOT NULL DEFAULT 0,
      PRIMARY KEY (scope, shard)
    ) ENGINE = InnoDB;

    -- What was begun after a process had ended without giving back its share, and has not ended: it may be what ends them.
    CREATE TABLE portolan_messaging_suspect (
      consumer_group ${name} NOT NULL,
      message_id ${name} NOT NULL,
      begun INTEGER NOT NULL,
      begun_at BIGINT NOT NULL,
      moments ${text} NOT NULL,
      PRIMARY KEY (consumer_group, message_id)
    ) ENGINE = InnoDB;

    -- The groups that take nothing until somebody resumes them.
    CREATE TABLE portolan_messaging_pause (
      consumer_group ${name} NOT NULL PRIMARY KEY,
      paused_at BIGINT NOT NULL
    ) ENGINE = InnoDB;
  `,
  databaseBroker: `
    CREATE TABLE portolan_messaging_binding (
      topic ${name} NOT NULL,
      consumer_group ${name} NOT NULL,
      PRIMARY KEY (topic, consumer_group)
    ) ENGINE = InnoDB;

    -- What a group has not handled yet: a row for each group and message, so that handling it is one delete. The rows of a group
    -- stand together, in order; the second index is what the counter asks for.
    CREATE TABLE portolan_messaging_delivery (
      ${delivery}
    ) ENGINE = InnoDB;
  `,
  retries: `
    -- Messages of another broker that failed, and what follows them in their keys, until they are handled.
    CREATE TABLE portolan_messaging_retry (
      ${delivery},
      KEY portolan_messaging_retry_key ("key"(100))
    ) ENGINE = InnoDB;
  `,
  sagas: `
    ALTER TABLE portolan_messaging_delayed ADD COLUMN consumer_group ${name};

    -- A row for each process, under the key that messages are correlated by.
    CREATE TABLE portolan_messaging_saga (
      saga ${name} NOT NULL,
      saga_key ${name} NOT NULL,
      id ${name} NOT NULL,
      version BIGINT NOT NULL,
      status ${name} NOT NULL,
      state_version BIGINT NOT NULL,
      state ${text} NOT NULL,
      steps ${text} NOT NULL,
      timeouts ${text} NOT NULL,
      reason ${text},
      started_at BIGINT NOT NULL,
      ended_at BIGINT,
      PRIMARY KEY (saga, saga_key),
      KEY ended (ended_at)
    ) ENGINE = InnoDB;
  `,
}
