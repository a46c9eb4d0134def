import type { Dialect } from '../../../persistence/driver.ts'
import { named } from '../../../persistence/named-parameters.ts'
import { untold } from '../../../persistence/statement-text.ts'

/** After an `INSERT`: what is assigned where the row is there already. */
const otherwise: Readonly<Record<Dialect, string>> = {
  sqlite: 'ON CONFLICT (name) DO UPDATE SET',
  postgres: 'ON CONFLICT (name) DO UPDATE SET',
  mysql: 'ON DUPLICATE KEY UPDATE',
}

const greatest: Readonly<Record<Dialect, string>> = { sqlite: 'MAX', postgres: 'GREATEST', mysql: 'GREATEST' }

/**
 * The statements of the locks; `now` is SQL for the present moment in milliseconds. Their commits are told to nobody: most are looks, which tell
 * nothing, and who listens waits for what applications write.
 */
export function lockStatements(dialect: Dialect, now: string) {
  const words = {
    ...{ otherwise: otherwise[dialect], greatest: greatest[dialect] },
    free: '(:unheld AND :open OR :mine)',
    unheld: 'portolan_lock.held_until <= :now',
    mine: 'portolan_lock.holder = :holder AND portolan_lock.held_until > :now',
    open: '(portolan_lock.heir IS NULL OR portolan_lock.heir = :holder OR portolan_lock.heir_until <= :now)',
    micros: ':now * 1000',
    now,
  }
  return {
    // MySQL assigns from left to right, and each expression sees the columns before it as they have become; the others see the row as it
    // was. In this order the conditions mean the same both ways.
    acquire: {
      insert: untold(`INSERT INTO portolan_lock (name, token, holder, held_until, heir, heir_until)
       VALUES (:name, :micros, :holder, :now + :ttl, NULL, 0)
       :otherwise
         token = CASE WHEN :free THEN :greatest(portolan_lock.token + 1, :micros) ELSE portolan_lock.token END,
         holder = CASE WHEN :free THEN :holder ELSE portolan_lock.holder END,
         heir = CASE WHEN :free THEN NULL WHEN :announce > 0 AND :open THEN :holder ELSE portolan_lock.heir END,
         heir_until = CASE WHEN :announce > 0 AND :open THEN :now + :announce ELSE portolan_lock.heir_until END,
         held_until = CASE WHEN :free THEN :now + :ttl ELSE portolan_lock.held_until END`),
      columns: 'token, holder, held_until - :now AS left_ms',
      from: 'portolan_lock WHERE name = :name',
      words,
    },
    renew: named(
      untold('UPDATE portolan_lock SET held_until = :now + :ttl WHERE name = :name AND :mine'),
      words,
    ),
    release: named(
      untold(`UPDATE portolan_lock SET
         held_until = CASE WHEN :mine THEN :now ELSE portolan_lock.held_until END,
         heir_until = CASE WHEN portolan_lock.heir = :holder THEN 0 ELSE portolan_lock.heir_until END
       WHERE name = :name AND (portolan_lock.holder = :holder OR portolan_lock.heir = :holder)`),
      words,
    ),
    prune: named('DELETE FROM portolan_lock WHERE held_until < :now - :remember', words),
  }
}
