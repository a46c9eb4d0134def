/** What follows once an order is paid. */
export type OrderStep = 'receipt' | 'mail' | 'confirmation'

/** Which of the steps of an order are done. Joins the unit of work in progress. */
export interface OrderSteps {
  done(orderId: string, step: OrderStep, at: Date): Promise<void>
}
