import { InfrastructureError } from '../ports/errors.ts'
import type { Logger } from '../ports/logger.ts'
import type { Clock, Duration } from '../ports/time.ts'
import { cancelled } from './clock.ts'
import { milliseconds } from './duration.ts'
import { asService, healthOf, type OverallHealth } from './health.ts'
import { type Owned, release, type StopFailure } from './release.ts'
import { closest } from './spelling.ts'
import { surroundings } from './surroundings.ts'

/** A started application. */
export interface Application<Services> extends AsyncDisposable {
  readonly name: string
  /** Every service by its name. Frozen. */
  readonly services: Services
  /** The worst of its services, and each that can tell, overrides included. `down` as soon as it stops. Never rejects. */
  health(): Promise<OverallHealth>
  /**
   * Drains all services and then stops them, in reverse order. Idempotent: every call returns the same promise. Rejects when some of
   * them failed or did not end in time, after all others have been stopped; the error names them.
   */
  stop(): Promise<void>
}

export interface StartOptions {
  /** Default: the machine's. */
  readonly clock?: Clock
  /** Hears of failures to stop. Default: nobody. */
  readonly logger?: Logger
  /** Time for all of draining and stopping; draining has the first two thirds of it. Default 30 s. */
  readonly stopTimeout?: Duration
  /** Time for a service to tell its health. Default 5 s. */
  readonly healthTimeout?: Duration
  /** Gives up the start: no further service is made, and what was opened is released. */
  readonly signal?: AbortSignal
}

/** A service that was declared. The signature of `add` has checked its types. */
export interface Declaration {
  readonly name: string
  readonly factory: (services: object) => unknown
}

/** What `start` of a composer does. */
export async function startApplication<Services extends object>(
  name: string,
  declarations: readonly Declaration[],
  overrides: Readonly<Record<string, unknown>>,
  options: StartOptions = {},
): Promise<Application<Services>> {
  const { clock, logger } = surroundings(options)
  const stopTimeoutMs = milliseconds(options.stopTimeout ?? '30s', 'stopTimeout')
  refuseUnknown(name, declarations, overrides)

  const services: Record<string, unknown> = {}
  const owned: Owned[] = []
  // What the caller gave is his, under whatever name a factory hands it on.
  const known = new Set<unknown>(Object.values(overrides))
  let current = ''
  let phase: 'make' | 'start' = 'make'

  const releaseAll = async () => {
    const failures = await release(owned, { clock, timeoutMs: stopTimeoutMs })
    for (const { service, error, phase: failed } of failures)
      logger.error(`${name}: could not ${failed} a service`, { service, error })
    return failures
  }

  try {
    for (const declaration of declarations) {
      current = declaration.name
      if (options.signal?.aborted) throw cancelled(options.signal)
      const given = overrides[current]
      const made = given ?? (await declaration.factory(view(services, declarations)))
      services[current] = made
      const service = asService(made)
      if (!service || known.has(service)) continue
      known.add(service)
      owned.push({ name: current, service, started: false })
    }
    phase = 'start'
    for (const entry of owned) {
      current = entry.name
      if (options.signal?.aborted) throw cancelled(options.signal)
      await entry.service.start?.()
      entry.started = true
    }
  } catch (error) {
    await releaseAll()
    throw startError(name, current, phase, error)
  }

  let stopped: Promise<void> | undefined
  const stop = async () => {
    const failures = await releaseAll()
    if (failures.length > 0) throw stopError(name, failures)
  }
  const application: Application<Services> = {
    name,
    // Every declared name has been made or overridden, with the types that `add` checked.
    services: Object.freeze(services) as Services,
    async health() {
      const health = await healthOf(services, { clock, timeout: options.healthTimeout ?? '5s' })
      return stopped ? { ...health, status: 'down', detail: 'The application is stopping.' } : health
    },
    stop: () => (stopped ??= stop()),
    [Symbol.asyncDispose]: () => application.stop(),
  }
  return application
}

/** The services made so far, as a factory sees them: a name that is not there is an error instead of `undefined`. */
function view(services: Readonly<Record<string, unknown>>, declarations: readonly Declaration[]): object {
  const made: Record<string, unknown> = Object.freeze(Object.assign(Object.create(null), services))
  return new Proxy(made, {
    get(target, key) {
      // Promises and JSON.stringify look for these on every object.
      if (typeof key === 'symbol' || key in target || key === 'then' || key === 'toJSON')
        return Reflect.get(target, key)
      const later = declarations.some(({ name }) => name === key)
      const hint = later
        ? ' It is added later; move it up.'
        : didYouMean(key, Object.keys(target)) || ' If it is optional, hand over an object of your own.'
      throw new InfrastructureError(
        'invalid_argument',
        `It asks for '${key}', which is not there.${hint} There are: ${list(Object.keys(target))}.`,
      )
    },
  })
}

function refuseUnknown(
  application: string,
  declarations: readonly Declaration[],
  overrides: Readonly<Record<string, unknown>>,
) {
  const names = declarations.map(({ name }) => name)
  for (const name of Object.keys(overrides)) {
    if (names.includes(name)) continue
    throw new InfrastructureError(
      'invalid_argument',
      `${application}: there is no service '${name}' to override.${didYouMean(name, names)} There are: ${list(names)}.`,
    )
  }
}

function startError(application: string, service: string, phase: 'make' | 'start', cause: unknown) {
  const native = InfrastructureError.is(cause) ? cause : undefined
  return new InfrastructureError(
    native?.code ?? 'internal',
    `${application} could not start: '${service}': ${cause instanceof Error ? cause.message : String(cause)}`,
    {
      cause,
      retry: native?.retry ?? 'never',
      ...(native?.retryAfterMs !== undefined && { retryAfterMs: native.retryAfterMs }),
      details: { ...native?.details, service, phase },
    },
  )
}

function stopError(application: string, failures: readonly StopFailure[]) {
  const timedOut = failures.some(({ error }) => InfrastructureError.is(error, 'deadline_exceeded'))
  const parts = failures.map(
    ({ service, phase, error }) => `'${service}' could not ${phase}: ${error.message}`,
  )
  return new InfrastructureError(
    timedOut ? 'deadline_exceeded' : 'internal',
    `${application} did not stop cleanly: ${parts.join('; ')}`,
    {
      cause:
        failures.length === 1 ? failures[0]!.error : new AggregateError(failures.map(({ error }) => error)),
      details: { services: [...new Set(failures.map(({ service }) => service))] },
    },
  )
}

function didYouMean(name: string, names: readonly string[]): string {
  const near = closest(name, names)
  return near ? ` Did you mean '${near}'?` : ''
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ')
}
