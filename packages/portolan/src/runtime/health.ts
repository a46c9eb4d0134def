import type { Health, Service } from '../ports/service.ts'
import type { Clock, Duration } from '../ports/time.ts'
import { systemClock } from './clock.ts'
import { milliseconds } from './duration.ts'

/** The health of one service, and how long it took to tell. */
export interface ServiceHealth extends Health {
  readonly latencyMs: number
}

/** The health of many services: the worst of theirs, and each of those that can tell. */
export interface OverallHealth extends Health {
  readonly services: Readonly<Record<string, ServiceHealth>>
}

export interface HealthOptions {
  readonly clock?: Clock
  /** A service that has not answered by then is `down`. Default 5 s. */
  readonly timeout?: Duration
}

/**
 * Asks every service that has a `health`, all at once. Never rejects: one that throws or does not answer is `down`.
 *
 * @example
 * const { status, services } = await healthOf({ database, jobs })
 */
export async function healthOf(services: object, options: HealthOptions = {}): Promise<OverallHealth> {
  const clock = options.clock ?? systemClock
  const timeoutMs = milliseconds(options.timeout ?? '5s', 'timeout')
  const asked = new Set<unknown>()
  const answers: Promise<readonly [string, ServiceHealth]>[] = []
  for (const [name, candidate] of Object.entries(services)) {
    const service = asService(candidate)
    if (!service?.health || asked.has(service)) continue
    asked.add(service)
    answers.push(ask(service, clock, timeoutMs).then(health => [name, health] as const))
  }
  const all = await Promise.all(answers)
  return { status: worst(all.map(([, health]) => health.status)), services: Object.fromEntries(all) }
}

/** `value`, when it can have the methods of a service. */
export function asService(value: unknown): (Service & Partial<AsyncDisposable & Disposable>) | undefined {
  return (typeof value === 'object' && value !== null) || typeof value === 'function' ? value : undefined
}

async function ask(service: Service, clock: Clock, timeoutMs: number): Promise<ServiceHealth> {
  const began = clock.monotonic()
  let health: Health
  try {
    health = await new Promise<Health>((resolve, reject) => {
      const timer = clock.timer(timeoutMs, () =>
        resolve({ status: 'down', detail: `No answer within ${timeoutMs} ms.` }),
      )
      Promise.resolve(service.health!())
        .then(resolve, reject)
        .finally(() => timer.cancel())
    })
  } catch (error) {
    health = { status: 'down', detail: error instanceof Error ? error.message : String(error) }
  }
  return { ...health, latencyMs: Math.round((clock.monotonic() - began) * 1000) / 1000 }
}

function worst(statuses: readonly Health['status'][]): Health['status'] {
  if (statuses.includes('down')) return 'down'
  return statuses.includes('degraded') ? 'degraded' : 'up'
}
