import type { Money } from '../../domain/money.ts'

export interface DayFigures {
  /** `2010-12-01`, in UTC. */
  readonly day: string
  readonly orders: number
  readonly sales: Money
  readonly refunds: number
  readonly refunded: Money
}

/** The shop's figures by day. Joins the unit of work in progress. */
export interface SalesFigures {
  addSale(at: Date, amount: Money): Promise<void>
  addRefund(at: Date, amount: Money): Promise<void>
  day(day: string): Promise<DayFigures | undefined>
}
