import { type Clock, compose, type Ids } from 'portolan'
import { openFiles } from 'portolan/files'
import { createJobs } from 'portolan/jobs'
import { createMessaging, openBroker } from 'portolan/messaging'
import { openLogger } from 'portolan/observability'
import { openDatabase } from 'portolan/persistence'
import { type Redactor, systemClock, systemIds } from 'portolan/runtime'
import { openMailer, paymentApi, whatsapp } from 'portolan/services'
import { createImportCatalog } from '../application/catalog/import-catalog.ts'
import { createCorrespondence } from '../application/chat/correspondence.ts'
import { createHandleMessage } from '../application/chat/handle-message.ts'
import { createReceiveChat } from '../application/chat/receive-chat.ts'
import { createRespond } from '../application/chat/respond.ts'
import { createSendMessage } from '../application/chat/send-message.ts'
import { shopEvents } from '../application/events.ts'
import { createCapturePayment } from '../application/fulfilment/capture-payment.ts'
import { runCheckout } from '../application/fulfilment/checkout.ts'
import { followOrders } from '../application/fulfilment/follow-orders.ts'
import { createMailReceipt } from '../application/fulfilment/mail-receipt.ts'
import { createOpenReceipt } from '../application/fulfilment/open-receipt.ts'
import { createReleaseOrder } from '../application/fulfilment/release-order.ts'
import { createReturnPayment } from '../application/fulfilment/return-payment.ts'
import { createSettlePayment } from '../application/fulfilment/settle-payment.ts'
import { createWriteReceipt } from '../application/fulfilment/write-receipt.ts'
import { createPruneHistory } from '../application/housekeeping/prune-history.ts'
import { followRefunds } from '../application/refunds/follow-refunds.ts'
import { createPayRefund, createSettleRefund } from '../application/refunds/pay-refund.ts'
import { createRequestRefund } from '../application/refunds/request-refund.ts'
import { createSendDailyReport } from '../application/reports/send-daily-report.ts'
import { createPlaceOrder } from '../application/shopping/place-order.ts'
import { createShopping } from '../application/shopping/shopping.ts'
import { createTendCarts } from '../application/shopping/tend-carts.ts'
import { CachedProductRepository } from './cache/cached-product-repository.ts'
import { CachedProductSearch } from './cache/cached-product-search.ts'
import { openHubCache } from './cache/hub-cache.ts'
import { createChanges } from './changes.ts'
import type { HubConfig } from './config.ts'
import { createHubLimits } from './limits.ts'
import { receiptRenderer } from './receipts/receipt-renderer.ts'
import { serviceAddresses } from './service-addresses.ts'
import { shopTables } from './sql/schema.ts'
import { SqlCartRepository } from './sql/sql-cart-repository.ts'
import { SqlCatalogImports } from './sql/sql-catalog-imports.ts'
import { SqlChatLog } from './sql/sql-chat-log.ts'
import { SqlCustomerQueries } from './sql/sql-customer-queries.ts'
import { SqlCustomerRepository } from './sql/sql-customer-repository.ts'
import { SqlFigureQueries } from './sql/sql-figure-queries.ts'
import { SqlHistory } from './sql/sql-history.ts'
import { SqlOrderQueries } from './sql/sql-order-queries.ts'
import { SqlOrderRepository } from './sql/sql-order-repository.ts'
import { SqlOrderSteps } from './sql/sql-order-steps.ts'
import { SqlProductQueries } from './sql/sql-product-queries.ts'
import { SqlProductRepository } from './sql/sql-product-repository.ts'
import { SqlProductSearch } from './sql/sql-product-search.ts'
import { SqlRefundRepository } from './sql/sql-refund-repository.ts'
import { SqlSalesFigures } from './sql/sql-sales-figures.ts'
import { createWeb } from './web.ts'
import { assignWork } from './work.ts'
import { WorkOperations } from './work-operations.ts'

/** The shop, whole: from its configuration to its addresses. Read it from the top. */
export function composeHub(config: HubConfig, redactor: Redactor) {
  const addresses = { from: config.mail.from, shop: config.mail.shop }
  const services = serviceAddresses(config)
  return (
    compose('commerce-hub')
      .add('config', () => config)
      .add('clock', (): Clock => systemClock)
      .add('ids', (): Ids => systemIds)
      .add('logger', () => openLogger('pino:', { level: config.logLevel, redactor }))

      // What it stands on
      .add('database', async ({ logger }) => {
        const database = await openDatabase(config.databaseUrl.reveal(), {
          logger,
          migrate: config.databaseMigrate,
        })
        await database.migrate(shopTables.namespace, shopTables.migrations)
        return database
      })
      .add('unitOfWork', ({ database }) => database)
      .add('cache', uses => openHubCache(config, uses))
      .add('broker', ({ database, logger, clock }) =>
        openBroker(config.brokerUrl.reveal(), { database, logger, clock }),
      )
      .add('messages', ({ database, broker, logger, clock }) =>
        createMessaging({ database, broker, source: 'commerce-hub', messages: shopEvents, logger, clock }),
      )
      .add('sagas', ({ messages }) => messages.sagas)
      .add('jobs', ({ database, logger, clock }) => createJobs({ database, logger, clock }))
      .add('limits', ({ logger, clock }) => createHubLimits(config.limits, { logger, clock }))
      .add('files', ({ logger }) => openFiles(config.filesUrl, { logger }))

      // The services of others
      .add('messenger', ({ logger, clock }) =>
        whatsapp({ ...config.whatsapp, baseUrl: services.whatsapp, logger, clock }),
      )
      .add('payments', ({ logger, clock }) =>
        paymentApi({ ...config.payments, baseUrl: services.payments, logger, clock }),
      )
      .add('mailer', ({ logger, clock }) => openMailer(services.mail, { logger, clock }))

      // What it keeps
      .add(
        'products',
        ({ database, cache }) => new CachedProductRepository(new SqlProductRepository(database), cache),
      )
      .add('carts', ({ database }) => new SqlCartRepository(database))
      .add('orders', ({ database }) => new SqlOrderRepository(database))
      .add('refunds', ({ database }) => new SqlRefundRepository(database))
      .add('customers', ({ database }) => new SqlCustomerRepository(database))
      .add('chatLog', ({ database }) => new SqlChatLog(database))
      .add('orderSteps', ({ database }) => new SqlOrderSteps(database))
      .add('salesFigures', ({ database }) => new SqlSalesFigures(database))
      .add('catalogImports', ({ database }) => new SqlCatalogImports(database))
      .add('history', ({ database }) => new SqlHistory(database))
      .add(
        'productSearch',
        ({ database, cache }) => new CachedProductSearch(new SqlProductSearch(database), cache),
      )
      .add('receiptRenderer', () => receiptRenderer)

      // What it does
      .add('correspondence', createCorrespondence)
      .add('shopping', createShopping)
      .add('placeOrder', createPlaceOrder)
      .add('settlePayment', createSettlePayment)
      .add('releaseOrder', createReleaseOrder)
      .add('settleRefund', createSettleRefund)
      .add('requestRefund', createRequestRefund)
      .add('importCatalog', createImportCatalog)
      .add('receiveChat', uses => createReceiveChat({ ...uses, limits: uses.limits.customers }))
      .add('respond', createRespond)
      .add('handleMessage', createHandleMessage)
      .add('sendMessage', createSendMessage)
      .add('capturePayment', createCapturePayment)
      .add('returnPayment', createReturnPayment)
      .add('payRefund', createPayRefund)
      .add('writeReceipt', createWriteReceipt)
      .add('openReceipt', createOpenReceipt)
      .add('mailReceipt', uses => createMailReceipt({ ...uses, addresses }))
      .add('sendDailyReport', uses => createSendDailyReport({ ...uses, addresses }))
      .add('tendCarts', createTendCarts)
      .add('pruneHistory', uses => createPruneHistory({ ...uses, keepDays: config.keepDays }))

      // Who does it, and when
      .add('subscriptions', uses => {
        runCheckout({ ...uses, paymentTimeout: config.paymentTimeout })
        followOrders(uses)
        followRefunds(uses)
      })
      .add('work', assignWork)

      // Who looks at it
      .add('staffQueries', ({ database }) => ({
        figures: new SqlFigureQueries(database),
        orders: new SqlOrderQueries(database),
        products: new SqlProductQueries(database),
        customers: new SqlCustomerQueries(database),
      }))
      .add('operations', uses => new WorkOperations(uses))
      .add('changes', createChanges)
      .add('web', createWeb)
  )
}
