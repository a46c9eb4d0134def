import type { AnsweringInsertText } from '../../../persistence/answering-insert.ts'
import type { Dialect } from '../../../persistence/driver.ts'
import { untold } from '../../../persistence/statement-text.ts'
import { slackMs } from '../../decide.ts'
import type { Rule } from '../../driver.ts'

interface Wording {
  /** After an `INSERT`: what is assigned where the row is there already. */
  readonly otherwise: string
  /** A value that was to be inserted. */
  given(column: string): string
  readonly least: string
  readonly greatest: string
  /** Whether assignments see the columns before them as they have become. */
  readonly inOrder: boolean
}

const excluded = {
  otherwise: 'ON CONFLICT (name) DO UPDATE SET',
  given: (column: string) => `excluded.${column}`,
  inOrder: false,
}

const wordings: Readonly<Record<Dialect, Wording>> = {
  sqlite: { ...excluded, least: 'MIN', greatest: 'MAX' },
  postgres: { ...excluded, least: 'LEAST', greatest: 'GREATEST' },
  mysql: {
    otherwise: 'ON DUPLICATE KEY UPDATE',
    given: column => `VALUES(${column})`,
    least: 'LEAST',
    greatest: 'GREATEST',
    inOrder: true,
  },
}

/** Outcomes as they stand in the table. */
export const outcomes = ['allowed', 'refused', 'blocked'] as const

/**
 * `decide`, as one statement. `clock` is SQL for the present moment; it is read once, into `seen_at`. A key that is not there yet is always
 * allowed, as a cost is never above the quota. When it is forgotten changes in steps, so that its index seldom does: engines then change the row
 * alone, where it stands. Nobody waits for what is taken.
 */
export function takeStatement(dialect: Dialect, clock: string, rule: Rule): AnsweringInsertText {
  const { algorithm, sizeMs, limit, windowMs, blockAfter, blockMs, forgetAfterMs } = rule
  const { otherwise, given, least, greatest, inOrder } = wordings[dialect]
  const old = (column: string) => `portolan_rate_limit.${column}`
  const now = given('seen_at')
  const { fits, first, next } = algorithm === 'token_bucket' ? bucket() : slidingWindow()
  const decided = `CASE
    WHEN :after > 0 AND ${old('strikes')} >= :after AND ${old('strike_at')} <= ${now} AND ${old('strike_at')} + :block > ${now} THEN 2
    WHEN ${fits} THEN 0 ELSE 1 END`
  // Where a column is seen as it has become, the decision is read from its own: what it was made from may have changed.
  const outcome = inOrder ? old('outcome') : `(${decided})`
  const strikes = `CASE WHEN ${old('strike_at')} + :window > ${now} AND ${old('strikes')} < :after THEN ${old('strikes')} + 1 ELSE 1 END`
  const struck = `:after > 0 AND ${outcome} = 1`

  function bucket() {
    const full = `${least}(${greatest}(${old('a')}, ${now}), ${now} + :size)`
    return {
      fits: `${full} + :cost - ${now} <= :size + ${slackMs}`,
      first: { a: ':clock * 1.0 + :cost', b: '0', c: '0' },
      next: { a: (o: string) => `CASE WHEN ${o} = 0 THEN ${full} + :cost ELSE ${full} END` },
    }
  }

  function slidingWindow() {
    const start = `FLOOR(${now} / :window) * :window`
    const current = `(${old('a')} = ${start} OR ${old('a')} = ${start} + :window)`
    const a = `CASE WHEN ${current} THEN ${old('a')} ELSE ${start} END`
    const b = `CASE WHEN ${current} THEN ${old('b')} WHEN ${old('a')} = ${start} - :window THEN ${old('c')} ELSE 0 END`
    const c = `CASE WHEN ${current} THEN ${old('c')} ELSE 0 END`
    const left = `(:window - ${greatest}(0, ${now} - (${a})))`
    return {
      fits: `(${b}) * ${left} / :window + (${c}) + :cost <= :size + 0.000000001`,
      first: { a: 'FLOOR(:clock * 1.0 / :window) * :window', b: '0', c: ':cost' },
      // In this order, each reads only what is still as it was.
      next: {
        b: () => b,
        c: (o: string) => `CASE WHEN ${o} = 0 THEN (${c}) + :cost ELSE (${c}) END`,
        a: () => a,
      },
    }
  }

  const assignments = Object.entries<(outcome: string) => string>(next).map(
    ([column, value]) => `${column} = ${value(outcome)}`,
  )
  return {
    insert:
      untold(`INSERT INTO portolan_rate_limit (name, a, b, c, strikes, strike_at, outcome, seen_at, forget_at)
      VALUES (:name, ${first.a}, ${first.b}, ${first.c}, 0, 0, 0, :clock, (FLOOR(:clock * 1.0 / :forget) + 2) * :forget)
      ${otherwise}
        outcome = ${decided},
        strikes = CASE WHEN ${struck} THEN ${strikes} ELSE ${old('strikes')} END,
        strike_at = CASE WHEN ${struck} THEN ${now} ELSE ${old('strike_at')} END,
        ${assignments.join(',\n        ')},
        seen_at = ${now},
        forget_at = ${given('forget_at')}`),
    columns: 'outcome, a, b, c, strikes, strike_at, seen_at',
    from: 'portolan_rate_limit WHERE name = :name',
    words: {
      clock,
      size: String(algorithm === 'token_bucket' ? sizeMs : limit),
      ...{ window: String(windowMs), after: String(blockAfter), block: String(blockMs) },
      forget: String(forgetAfterMs),
    },
  }
}
