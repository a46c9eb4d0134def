import { type Clock, type Files, healthOf, type Logger, type RateLimiter, type Service } from 'portolan'
import { createRest, type EventFeed, type HttpLimit, type Rest } from 'portolan/rest'
import type { ImportCatalog } from '../application/catalog/import-catalog.ts'
import type { ReceiveChat } from '../application/chat/receive-chat.ts'
import type { OpenReceipt } from '../application/fulfilment/open-receipt.ts'
import type { SettlePayment } from '../application/fulfilment/settle-payment.ts'
import type { Operations } from '../application/ports/operations.ts'
import type { StaffQueries } from '../application/ports/staff-queries.ts'
import type { SettleRefund } from '../application/refunds/pay-refund.ts'
import type { RequestRefund } from '../application/refunds/request-refund.ts'
import { serveCatalog } from '../presentation/api/catalog-routes.ts'
import { serveCustomers } from '../presentation/api/customer-routes.ts'
import { serveOperations } from '../presentation/api/operation-routes.ts'
import { serveOrders } from '../presentation/api/order-routes.ts'
import { serveRefunds } from '../presentation/api/refund-routes.ts'
import { serveAssets } from '../presentation/pages/assets.ts'
import { serveCustomerPages } from '../presentation/pages/customer-pages.ts'
import { serveLive } from '../presentation/pages/live.ts'
import { serveOrderPages } from '../presentation/pages/order-pages.ts'
import { serveOverview } from '../presentation/pages/overview-page.ts'
import { serveProductPages } from '../presentation/pages/product-pages.ts'
import { serveReceipts } from '../presentation/pages/receipt-pages.ts'
import { serveWorkPage } from '../presentation/pages/work-page.ts'
import { guardStaff, refuseOtherSites } from '../presentation/staff-access.ts'
import { servePaymentWebhook } from '../presentation/webhooks/payment-webhook.ts'
import { serveWhatsAppWebhook } from '../presentation/webhooks/whatsapp-webhook.ts'
import type { HubConfig } from './config.ts'

/** The addresses of the shop: webhooks for machines, the API, and the pages of the staff. */
export function createWeb(uses: {
  readonly config: HubConfig
  readonly clock: Clock
  readonly logger: Logger
  readonly files: Files
  readonly receiveChat: ReceiveChat
  readonly settlePayment: SettlePayment
  readonly settleRefund: SettleRefund
  readonly requestRefund: RequestRefund
  readonly importCatalog: ImportCatalog
  readonly staffQueries: StaffQueries
  readonly operations: Operations
  readonly openReceipt: OpenReceipt
  readonly changes: EventFeed
  readonly limits: { readonly addresses: RateLimiter | undefined }
  readonly cache: Service
  readonly database: Service
  readonly messages: Service
  readonly jobs: Service
}): Rest {
  const { config, clock, logger, staffQueries, operations, cache, database, messages, jobs } = uses
  const { addresses } = uses.limits
  const rest = createRest({
    title: 'Commerce hub',
    version: '1.0.0',
    description: 'A gift shop that sells over WhatsApp.',
    host: config.host,
    port: config.port,
    logger,
    clock,
    health: () => healthOf({ cache, database, messages, jobs }),
    ...(addresses && { limit: limitOf(addresses) }),
  })
  refuseOtherSites(rest)
  guardStaff(rest, config.staffPassword)
  const { appSecret, verifyToken } = config.whatsapp
  serveWhatsAppWebhook(rest, { ...uses, appSecret, verifyToken })
  servePaymentWebhook(rest, { ...uses, secret: config.payments.webhookSecret })

  serveOrders(rest, staffQueries)
  serveRefunds(rest, { ...uses, orders: staffQueries.orders })
  serveCatalog(rest, { ...uses, products: staffQueries.products })
  serveCustomers(rest, staffQueries)
  serveOperations(rest, { operations, figures: staffQueries.figures })

  serveOverview(rest, { ...staffQueries, operations })
  serveOrderPages(rest, staffQueries)
  serveProductPages(rest, staffQueries)
  serveCustomerPages(rest, staffQueries)
  serveWorkPage(rest, { operations })
  serveReceipts(rest, uses)
  serveLive(rest, uses)
  serveAssets(rest)
  return rest
}

/** Webhooks come from few addresses, and are signed: one that is turned away would only come again, and late. */
function limitOf(limiter: RateLimiter): HttpLimit {
  return {
    limiter,
    key: ({ route, address }) => (route?.startsWith('/webhooks/') ? undefined : address),
  }
}
