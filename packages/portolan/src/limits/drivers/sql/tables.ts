import type { Migration } from '../../../persistence/migrations.ts'

export const namespace = 'portolan_limits'

const tables = (name: string, real: string, options = '') => `
  -- A row a key: see State in driver.ts. Times are milliseconds since the epoch.
  CREATE TABLE portolan_rate_limit (
    name ${name} NOT NULL PRIMARY KEY,
    a ${real} NOT NULL,
    b ${real} NOT NULL,
    c ${real} NOT NULL,
    strikes INTEGER NOT NULL,
    strike_at ${real} NOT NULL,
    outcome INTEGER NOT NULL,
    seen_at ${real} NOT NULL,
    forget_at ${real} NOT NULL
  )${options};
  CREATE INDEX portolan_rate_limit_forget ON portolan_rate_limit (forget_at);`

export const migrations: readonly Migration[] = [
  {
    name: '0001-limits',
    up: {
      sqlite: tables('VARCHAR(65)', 'REAL', ' WITHOUT ROWID'),
      postgres: tables('VARCHAR(65)', 'DOUBLE PRECISION', ' WITH (fillfactor = 70)'),
      mysql: tables('VARCHAR(65) CHARACTER SET ascii COLLATE ascii_bin', 'DOUBLE', ' ENGINE = InnoDB'),
    },
  },
  {
    name: '0002-unlogged',
    up: {
      // A take need not wait for the disk: what a crash of the server loses are quotas, which are full again then.
      postgres: 'ALTER TABLE portolan_rate_limit SET UNLOGGED',
      sqlite: async () => {},
      mysql: async () => {},
    },
  },
]
