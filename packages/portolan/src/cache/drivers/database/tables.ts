import type { Migration } from '../../../persistence/migrations.ts'

export const namespace = 'portolan_cache'

const table = (id: string, text: string, options = '') => `
  -- What processes tell each other, for a minute. \`at\` is in milliseconds since the epoch.
  CREATE TABLE portolan_cache_change (
    id ${id},
    channel VARCHAR(60) NOT NULL,
    body ${text} NOT NULL,
    at BIGINT NOT NULL
  )${options}`

export const migrations: readonly Migration[] = [
  {
    name: '0001-changes',
    up: {
      sqlite: table('INTEGER PRIMARY KEY AUTOINCREMENT', 'TEXT'),
      postgres: table('BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY', 'TEXT'),
      mysql: table(
        'BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY',
        'MEDIUMTEXT CHARACTER SET utf8mb4',
        ' ENGINE = InnoDB',
      ),
    },
  },
]
