import { InfrastructureError, type JobHandler, type Jobs, permanent } from 'portolan'
import {
  CapturePayment,
  ExpireCarts,
  HandleChatMessage,
  MailReceipt,
  PayRefund,
  PruneHistory,
  RemindAbandonedCarts,
  ReturnPayment,
  SendChatMessage,
  SendDailyReport,
  WriteReceipt,
} from '../application/jobs.ts'

type OfOrder = JobHandler<{ orderId: string }>

/** Who does which job, how many at a time, and what is done by the clock. */
export function assignWork(uses: {
  readonly jobs: Jobs
  readonly handleMessage: JobHandler<{ messageId: string }>
  readonly sendMessage: JobHandler<{ messageId: string; confirms?: string | undefined }>
  readonly capturePayment: OfOrder
  readonly returnPayment: OfOrder
  readonly writeReceipt: OfOrder
  readonly mailReceipt: OfOrder
  readonly payRefund: JobHandler<{ refundId: string }>
  readonly sendDailyReport: JobHandler<{ scheduledFor: string }>
  readonly pruneHistory: () => Promise<void>
  readonly tendCarts: { remind(): Promise<void>; expire(): Promise<void> }
}): void {
  const { jobs, tendCarts } = uses

  jobs.work(HandleChatMessage, { concurrency: 16 }, uses.handleMessage)
  jobs.work(SendChatMessage, { concurrency: 32 }, uses.sendMessage)
  jobs.work(CapturePayment, { concurrency: 16 }, uses.capturePayment)
  jobs.work(ReturnPayment, { concurrency: 8 }, uses.returnPayment)
  jobs.work(WriteReceipt, { concurrency: 8 }, uses.writeReceipt)
  jobs.work(MailReceipt, { concurrency: 8 }, onceWhenRefused(uses.mailReceipt))
  jobs.work(PayRefund, { concurrency: 8 }, uses.payRefund)
  jobs.work(RemindAbandonedCarts, { concurrency: 1 }, tendCarts.remind)
  jobs.work(ExpireCarts, { concurrency: 1 }, tendCarts.expire)
  jobs.work(PruneHistory, { concurrency: 1 }, uses.pruneHistory)
  jobs.work(SendDailyReport, { concurrency: 1 }, uses.sendDailyReport)

  const timeZone = 'Europe/London'
  jobs.schedule(
    'remind-abandoned-carts',
    { cron: '*/15 * * * *', timeZone, missed: 'once' },
    RemindAbandonedCarts,
  )
  jobs.schedule('expire-carts', { cron: '30 3 * * *', timeZone, missed: 'once' }, ExpireCarts)
  jobs.schedule('prune-history', { cron: '0 4 * * *', timeZone, missed: 'once' }, PruneHistory)
  jobs.schedule('daily-report', { cron: '0 6 * * *', timeZone, missed: 'once' }, SendDailyReport)
}

/** An address that a mail server refuses is refused the next time too, while the others of that mail would get it again. */
function onceWhenRefused<Payload>(handler: JobHandler<Payload>): JobHandler<Payload> {
  return async (payload, job) => {
    try {
      await handler(payload, job)
    } catch (error) {
      throw InfrastructureError.is(error, 'invalid_argument') ? permanent(error) : error
    }
  }
}
