import type { Store } from '../store/store.ts'
import { micros } from './decimal.ts'
import type { PaymentObject, PaymentRow } from './payment-record.ts'

/** What the customer decided on the chat page about the next payment. */
export type NextPayment = 'approve' | 'decline' | 'timeout'

export interface PaymentQuery {
  readonly object?: PaymentObject
  readonly reference?: string
  readonly customer?: string
  /** Only those after the one with this `seq`. */
  readonly after?: number
  /** Default 100. */
  readonly limit?: number
}

export interface StoredAnswer {
  readonly request: string
  readonly answer: string
}

export interface EventRow {
  readonly seq: number
  readonly id: string
  readonly payment: string
  readonly body: string
  readonly at: number
  readonly twice: 0 | 1
}

const schema = `
  CREATE TABLE IF NOT EXISTS payments (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, object TEXT NOT NULL, status TEXT NOT NULL, reason TEXT,
    amount TEXT NOT NULL, currency TEXT NOT NULL, reference TEXT NOT NULL, customer TEXT NOT NULL, charge TEXT,
    created INTEGER NOT NULL, settle_at INTEGER
  );
  CREATE INDEX IF NOT EXISTS payments_by_reference ON payments (reference, seq);
  CREATE INDEX IF NOT EXISTS payments_by_charge ON payments (charge) WHERE charge IS NOT NULL;
  CREATE INDEX IF NOT EXISTS payments_unsettled ON payments (settle_at) WHERE settle_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS payment_keys (key TEXT PRIMARY KEY, request TEXT NOT NULL, answer TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS payment_events (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL, payment TEXT NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL,
    twice INTEGER NOT NULL, acknowledged INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX IF NOT EXISTS payment_events_open ON payment_events (seq) WHERE acknowledged = 0;
  CREATE TABLE IF NOT EXISTS payment_switches (customer TEXT PRIMARY KEY, decision TEXT NOT NULL) WITHOUT ROWID;
`

/** Charges, refunds, idempotency keys and events, in SQLite. */
export type Ledger = ReturnType<typeof createLedger>

export function createLedger(store: Store) {
  store.define(schema)
  const insert = store.write(`
    INSERT INTO payments (seq, id, object, status, reason, amount, currency, reference, customer, charge, created, settle_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const insertEvent = store.write(
    'INSERT INTO payment_events (seq, id, payment, body, at, twice) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const refunds = store.all<{ amount: string }>(
    "SELECT amount FROM payments WHERE charge = ? AND status <> 'declined'",
  )
  const takeSwitch = store.all<{ decision: NextPayment }>(
    'SELECT decision FROM payment_switches WHERE customer = ?',
  )
  const clearSwitch = store.write('DELETE FROM payment_switches WHERE customer = ?')
  const maximum = (table: string) =>
    store.one<{ seq: number }>(`SELECT coalesce(max(seq), 0) AS seq FROM ${table}`)()?.seq ?? 0
  const list = store.all<PaymentRow>(`
    SELECT * FROM payments
    WHERE seq > ?1 AND (?2 IS NULL OR object = ?2) AND (?3 IS NULL OR customer = ?3) ORDER BY seq LIMIT ?4`)
  const listByReference = store.all<PaymentRow>(`
    SELECT * FROM payments
    WHERE reference = ?5 AND seq > ?1 AND (?2 IS NULL OR object = ?2) AND (?3 IS NULL OR customer = ?3) ORDER BY seq LIMIT ?4`)

  let seq = maximum('payments')
  let eventSeq = maximum('payment_events')

  return {
    find: store.one<PaymentRow>('SELECT * FROM payments WHERE id = ?'),
    latest: store.all<PaymentRow>('SELECT * FROM payments ORDER BY seq DESC LIMIT ?'),
    count: store.one<{ charges: number; refunds: number }>(
      "SELECT count(*) FILTER (WHERE object = 'charge') AS charges, count(*) FILTER (WHERE object = 'refund') AS refunds FROM payments",
    ),
    answered: store.one<StoredAnswer>('SELECT request, answer FROM payment_keys WHERE key = ?'),
    keep: store.write('INSERT INTO payment_keys (key, request, answer) VALUES (?, ?, ?)'),
    settle: store.write('UPDATE payments SET status = ?, settle_at = NULL WHERE id = ?'),
    unsettled: store.all<{ id: string; settle_at: number }>(
      'SELECT id, settle_at FROM payments WHERE settle_at IS NOT NULL',
    ),
    openEvents: store.all<EventRow>('SELECT * FROM payment_events WHERE acknowledged = 0 ORDER BY seq'),
    acknowledge: store.write('UPDATE payment_events SET acknowledged = 1 WHERE seq = ?'),
    decide: store.write(`
      INSERT INTO payment_switches (customer, decision) VALUES (?, ?)
      ON CONFLICT (customer) DO UPDATE SET decision = excluded.decision`),
    decision: (customer: string): NextPayment => takeSwitch(customer)[0]?.decision ?? 'approve',

    /** The decision for this payment; the one after it is approved again. */
    takeDecision(customer: string): NextPayment {
      const decision = takeSwitch(customer)[0]?.decision
      if (decision !== undefined) clearSwitch(customer)
      return decision ?? 'approve'
    },

    add(payment: Omit<PaymentRow, 'seq'>, settleAt: number | null): PaymentRow {
      const { id, object, status, reason, amount, currency, reference, customer, charge, created } = payment
      seq += 1
      insert(
        seq,
        id,
        object,
        status,
        reason,
        amount,
        currency,
        reference,
        customer,
        charge,
        created,
        settleAt,
      )
      return { seq, ...payment }
    },

    addEvent(event: Omit<EventRow, 'seq'>): EventRow {
      eventSeq += 1
      insertEvent(eventSeq, event.id, event.payment, event.body, event.at, event.twice)
      return { seq: eventSeq, ...event }
    },

    /** What of a charge was given back or is about to be, in millionths. */
    refunded(charge: string): bigint {
      return refunds(charge).reduce((sum, { amount }) => sum + micros(amount), 0n)
    },

    list({ object, reference, customer, after = 0, limit = 100 }: PaymentQuery): PaymentRow[] {
      const parameters = [after, object ?? null, customer ?? null, limit]
      return reference === undefined ? list(...parameters) : listByReference(...parameters, reference)
    },
  }
}
