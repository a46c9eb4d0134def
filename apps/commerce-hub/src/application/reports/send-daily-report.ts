import type { Mailer } from 'portolan'
import type { SalesFigures } from '../ports/sales-figures.ts'

/** The job that mails the figures of the day before to the shop. */
export function createSendDailyReport(uses: {
  readonly salesFigures: SalesFigures
  readonly mailer: Mailer
  readonly addresses: { readonly from: string; readonly shop: string }
}) {
  const { salesFigures, mailer, addresses } = uses
  return async ({ scheduledFor }: { scheduledFor: string }): Promise<void> => {
    const dayBefore = new Date(new Date(scheduledFor).getTime() - 24 * 60 * 60 * 1000)
    const day = dayBefore.toISOString().slice(0, 10)
    const figures = await salesFigures.day(day)
    const text = figures
      ? [
          `Orders:   ${figures.orders}, worth ${figures.sales}`,
          `Refunds:  ${figures.refunds}, worth ${figures.refunded}`,
          `Net:      ${figures.sales.minus(figures.refunded)}`,
        ].join('\n')
      : 'Nothing was sold and nothing came back.'
    await mailer.send({
      id: `daily-report-${day}`,
      from: addresses.from,
      to: [addresses.shop],
      subject: `The shop on ${day}`,
      text,
    })
  }
}
