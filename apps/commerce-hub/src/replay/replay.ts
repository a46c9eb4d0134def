import { InfrastructureError } from 'portolan'
import { openFiles } from 'portolan/files'
import { Money, sum } from '../domain/money.ts'
import { type Invoice, invoices } from '../retail-data/invoice.ts'
import { salesLines } from '../retail-data/sales-file.ts'
import { answersOf } from './answers.ts'
import type { ReplayArguments } from './arguments.ts'
import { inParallel } from './in-parallel.ts'
import { createPlayer } from './player.ts'
import { type Progress, silent } from './progress.ts'
import { type PlayedInvoice, type Reconciliation, reconcile } from './reconciliation.ts'
import { openRunFolder } from './run-folder.ts'
import { type ShopClient, shopClient } from './shop-client.ts'
import { openStand } from './stand.ts'
import { survey } from './survey.ts'

export interface ReplayResult extends Reconciliation {
  /** From the first message to the last piece of work. */
  readonly seconds: number
  readonly invoices_per_second: number
  /** Of the shop's process, or the largest of them, in MiB; absent where the system does not tell. */
  readonly peak_memory_mib?: number
  /** That the shop's processes have used, from their start to the last piece of work; absent where the system does not tell. */
  readonly cpu_seconds?: number
  /** Whether it went on where an earlier run was interrupted. */
  readonly resumed: boolean
  /** The first thousand. */
  readonly malformed_lines: readonly { readonly line: number; readonly reason: string }[]
}

/** When nothing moves for this long, something is stuck, and waiting longer would not mend it. */
const stuckAfterMs = 180_000
const pauseMs = 50

/** Plays a file through a shop of its own; see `arguments.ts`. `root` is the folder for what outlives the process. */
export async function replay(
  { input, concurrency, fresh, ...ground }: Omit<ReplayArguments, 'json'>,
  root: string,
  progress: Progress = silent,
): Promise<ReplayResult> {
  progress.show('Reading ', 0, 1)
  const surveyed = await survey(input)
  for (const { lineNumber, problem } of surveyed.malformed) progress.say(`${input}:${lineNumber}: ${problem}`)
  const folder = await openRunFolder(root, input, surveyed.digest, ground, fresh)
  const { emulators, hub, failure, ...stand } = await openStand(folder.path, ground)
  const shop = shopClient(hub.url)
  const answers = answersOf(emulators.whatsapp)
  try {
    await shop.deliver(surveyed.digest, surveyed.catalogue)

    const play = createPlayer(emulators.whatsapp, answers, shop)
    const played: PlayedInvoice[] = []
    const begun = performance.now()
    await Promise.race([
      failure,
      inParallel(playable(input), concurrency, async invoice => {
        const result = await unlessStuck(play(invoice), invoice.id)
        const refusal = result.outcome === 'refused' ? result.answer : undefined
        const { id, kind, lines } = invoice
        played.push({ id, kind, lines: lines.length, total: totalOf(invoice), refusal })
        progress.show('Selling ', played.length, surveyed.invoices)
      }),
    ])
    const pending = () => emulators.whatsapp.pendingWebhooks() + emulators.payments.pendingWebhooks()
    await Promise.race([failure, workIsDone(shop, pending, progress)])
    const seconds = (performance.now() - begun) / 1000
    const { cpuSeconds } = await stand.usage()

    progress.show('Counting', 0, 1)
    await using files = await openFiles(stand.filesUrl)
    const result = await reconcile({ survey: surveyed, played, shop, emulators, files })
    const { peakMemoryMib } = await stand.usage()
    await folder.complete()
    return {
      ...result,
      seconds: round(seconds),
      invoices_per_second: round(surveyed.invoices / seconds),
      ...(peakMemoryMib !== undefined && { peak_memory_mib: peakMemoryMib }),
      ...(cpuSeconds !== undefined && { cpu_seconds: cpuSeconds }),
      resumed: folder.resumed,
      malformed_lines: surveyed.malformed.map(({ lineNumber, problem }) => ({
        line: lineNumber,
        reason: problem,
      })),
    }
  } finally {
    progress.end()
    answers.close()
    await shop.close()
    await stand.close()
  }
}

/** The invoices that have something to sell or to take back. */
async function* playable(input: string): AsyncGenerator<Invoice, void> {
  for await (const item of invoices(salesLines(input))) {
    if (!('problem' in item) && item.lines.length > 0) yield item
  }
}

function totalOf({ kind, lines }: Invoice): Money {
  const total = sum(lines.map(line => line.unitPrice.times(line.quantity)))
  return kind === 'sale' ? total : Money.zero().minus(total)
}

/** Waits until nothing is in hand any more: every message handled, every job done, every webhook delivered. */
async function workIsDone(shop: ShopClient, pending: () => number, progress: Progress): Promise<void> {
  let most = 0
  let least = Number.POSITIVE_INFINITY
  let movedAt = performance.now()
  for (;;) {
    const { inHand } = await shop.status()
    const left = inHand.jobs + inHand.retrying + inHand.messages + pending()
    if (left === 0) return
    most = Math.max(most, left)
    progress.show('Settling', most - left, most)
    if (left < least || inHand.retrying > 0) movedAt = performance.now()
    least = Math.min(least, left)
    if (performance.now() - movedAt > stuckAfterMs) return
    await new Promise(resolve => setTimeout(resolve, pauseMs))
  }
}

async function unlessStuck<T>(work: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const stuck = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new InfrastructureError(
            'deadline_exceeded',
            `Invoice ${what}: no answer from the shop within ${stuckAfterMs / 1000} s.`,
          ),
        ),
      stuckAfterMs,
    )
  })
  try {
    return await Promise.race([work, stuck])
  } finally {
    clearTimeout(timer)
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
