/** How far a message of the shop has got. `waiting` to be sent; `failed` is final. */
export type DeliveryStatus = 'waiting' | 'accepted' | 'sent' | 'delivered' | 'read' | 'failed'

const order: readonly DeliveryStatus[] = ['waiting', 'accepted', 'sent', 'delivered', 'read', 'failed']

/** Statuses come in any order, and steps may be skipped; a message only ever moves forward. */
export function statusesBefore(status: DeliveryStatus): readonly DeliveryStatus[] {
  // What was delivered or read cannot have failed.
  if (status === 'failed') return ['waiting', 'accepted', 'sent']
  return order.slice(0, order.indexOf(status))
}

/** Of several reports, the one that counts for each message: WhatsApp tells of all steps at once when they follow quickly. */
export function furthest<Report extends { readonly messageId: string; readonly status: DeliveryStatus }>(
  reports: readonly Report[],
): Iterable<Report> {
  const found = new Map<string, Report>()
  for (const report of reports) {
    const other = found.get(report.messageId)
    if (!other || statusesBefore(report.status).includes(other.status)) found.set(report.messageId, report)
  }
  return found.values()
}
