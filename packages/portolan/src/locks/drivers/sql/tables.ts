import type { Migration } from '../../../persistence/migrations.ts'

export const namespace = 'portolan_locks'

const tables = (text: string, options = '') => `
  -- A row a name: who holds it until when, and who is next. Times are milliseconds since the epoch.
  CREATE TABLE portolan_lock (
    name ${text} NOT NULL PRIMARY KEY,
    token BIGINT NOT NULL,
    holder ${text} NOT NULL,
    held_until BIGINT NOT NULL,
    heir ${text},
    heir_until BIGINT NOT NULL
  )${options};

  -- The highest token that has written to a resource.
  CREATE TABLE portolan_fence (
    resource ${text} NOT NULL PRIMARY KEY,
    token BIGINT NOT NULL
  )${options};`

export const migrations: readonly Migration[] = [
  {
    name: '0001-locks',
    up: {
      sqlite: tables('VARCHAR(65)', ' WITHOUT ROWID'),
      postgres: tables('VARCHAR(65)'),
      mysql: tables('VARCHAR(65) CHARACTER SET ascii COLLATE ascii_bin', ' ENGINE = InnoDB'),
    },
  },
]
