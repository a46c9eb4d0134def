import type { Surroundings } from '../runtime/surroundings.ts'
import type { ClaimedJob, InspectionStore } from './driver.ts'
import type { Lanes } from './lanes.ts'
import type { Lease } from './lease.ts'

const sweepEveryMs = 60_000

/** What a patrol needs of the worker that it belongs to. */
export interface PatrolHost {
  /** Has the store asked soon for what is due. */
  look(): void
  /** The worker's jobs are, or soon will be, in other hands. */
  lose(): void
  giveBack(jobs: readonly ClaimedJob[]): void
}

/** What a worker does again and again beside its jobs: renew its lease, free the jobs of others, and see to what people want. */
export class Patrol {
  readonly #lease: Lease
  readonly #lanes: Lanes
  readonly #inspection: InspectionStore
  readonly #surroundings: Surroundings
  readonly #pollMs: number
  readonly #host: PatrolHost
  #sweptAt = Number.NEGATIVE_INFINITY

  constructor(
    lease: Lease,
    lanes: Lanes,
    inspection: InspectionStore,
    surroundings: Surroundings,
    pollMs: number,
    host: PatrolHost,
  ) {
    this.#lease = lease
    this.#lanes = lanes
    this.#inspection = inspection
    this.#surroundings = surroundings
    this.#pollMs = pollMs
    this.#host = host
  }

  async once(): Promise<void> {
    if (!(await this.#lease.renew())) this.#host.lose()
    const { rescued, paused, cancelled } = await this.#lease.patrol()
    if (rescued > 0) this.#host.look()
    this.#host.giveBack(this.#lanes.setPaused(paused))
    await this.#sweep()
    for (const id of cancelled) if (!this.#lanes.cancel(id)) await this.#inspection.cancel(id)
  }

  /** Deletes what was kept long enough, now and then. */
  async #sweep(): Promise<void> {
    const now = this.#surroundings.clock.monotonic()
    if (now - this.#sweptAt < sweepEveryMs) return
    this.#sweptAt = now
    await this.#inspection.forgetKeys?.()
    if (this.#lanes.anyKeeps) await this.#inspection.sweep()
  }

  /** Polling never stops: hints and timers only make it quicker. */
  async until(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#surroundings
    for (;;) {
      await clock.sleep(this.#pollMs, signal).catch(() => {})
      if (signal.aborted) return
      try {
        await this.once()
      } catch (error) {
        logger.warn('Workers that are gone could not be looked for.', { error })
      }
      this.#host.look()
    }
  }
}
