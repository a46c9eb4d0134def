import type { WhatsApp } from '@portolan/emulators'
import type { Invoice } from '../retail-data/invoice.ts'
import type { Answers } from './answers.ts'
import type { ShopClient } from './shop-client.ts'

/** What became of an invoice, as far as its customer knows. */
export type Played =
  | { readonly outcome: 'answered' }
  | { readonly outcome: 'refused'; readonly answer: string }

/** The id of the message that an invoice was ordered with: the same in every run, so that nothing is ordered twice. */
export function orderMessageId(invoiceId: string): string {
  return `wamid.replay.${invoiceId}`
}

/** Plays one invoice as what it was. Safe to repeat from any point at which it was interrupted. */
export function createPlayer(whatsapp: WhatsApp, answers: Answers, shop: ShopClient) {
  return (invoice: Invoice): Promise<Played> => (invoice.kind === 'sale' ? sell(invoice) : takeBack(invoice))

  /** A native order message; then the customer taps the button under the total and waits for the confirmation. */
  async function sell({ id, customer, number, lines, invoicedAt }: Invoice): Promise<Played> {
    const person = whatsapp.customer(waIdOf(customer, number), { name: nameOf(customer, number) })
    const messageId = orderMessageId(id)
    const prompted = answers.to(messageId)
    await person.sendOrder({
      id: messageId,
      sentAt: invoicedAt,
      items: lines.map(line => ({
        productId: line.stockCode,
        quantity: line.quantity,
        unitPrice: line.unitPrice.toDecimal(),
        currency: line.unitPrice.currency,
      })),
    })
    const prompt = await prompted
    const pay = prompt.buttons.find(button => button.id.startsWith('pay:'))
    if (!pay) return { outcome: 'refused', answer: prompt.text }
    const confirmationId = `${messageId}.confirmation`
    const confirmed = answers.to(confirmationId)
    await person.tapButton(pay.id, pay.title, { id: confirmationId, sentAt: invoicedAt, replyTo: prompt.id })
    await confirmed
    return { outcome: 'answered' }
  }

  /** The customer announces the return; staff record what came back. */
  async function takeBack({ id, customer, number, lines, invoicedAt }: Invoice): Promise<Played> {
    const waId = waIdOf(customer, number)
    const person = whatsapp.customer(waId, { name: nameOf(customer, number) })
    const messageId = `wamid.replay.${id}.return`
    const answered = answers.to(messageId)
    await person.sendText(`return ${number}`, { id: messageId, sentAt: invoicedAt })
    await answered
    const refusal = await shop.returnGoods({
      reference: id,
      customerId: waId,
      returnedAt: invoicedAt.toISOString(),
      lines: lines.map(line => ({
        sku: line.stockCode,
        quantity: line.quantity,
        unitPrice: line.unitPrice.toDecimal(),
      })),
    })
    return refusal === undefined ? { outcome: 'answered' } : { outcome: 'refused', answer: refusal }
  }
}

/** Numbers that nobody has: customers by their number, guests by that of their invoice. */
function waIdOf(customer: string, invoice: string): string {
  return customer !== '' ? `447000${customer.padStart(6, '0')}` : `447900${invoice.replace(/\D/g, '')}`
}

function nameOf(customer: string, invoice: string): string {
  return customer !== '' ? `Customer ${customer}` : `Guest ${invoice}`
}
