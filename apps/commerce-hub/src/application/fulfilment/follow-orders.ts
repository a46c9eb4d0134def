import type { Messages } from 'portolan'
import { Money } from '../../domain/money.ts'
import { OrderPaid } from '../events.ts'
import type { SalesFigures } from '../ports/sales-figures.ts'

/** What an order changes beside its checkout: it fails or lags on its own. */
export function followOrders(uses: {
  readonly messages: Messages
  readonly salesFigures: SalesFigures
}): void {
  const { messages, salesFigures } = uses

  messages.subscribe(OrderPaid, { group: 'figures' }, async ({ data: { total, orderedAt } }) => {
    await salesFigures.addSale(new Date(orderedAt), Money.parse(total))
  })
}
