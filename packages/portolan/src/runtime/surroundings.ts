import type { Ids, Random } from '../ports/identity.ts'
import type { Logger } from '../ports/logger.ts'
import type { Clock } from '../ports/time.ts'
import { systemClock } from './clock.ts'
import { systemIds, systemRandom } from './identity.ts'

/** What every capability takes from its surroundings, under the same names; each has a default. */
export interface Surroundings {
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly logger: Logger
}

/** Writes nothing. */
export const silentLogger: Logger = {
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
}

/** `given`, completed by the system's clock, ids and randomness, and a logger that writes nothing. */
export function surroundings(given: Partial<Surroundings> = {}): Surroundings {
  return {
    clock: given.clock ?? systemClock,
    ids: given.ids ?? systemIds,
    random: given.random ?? systemRandom,
    logger: given.logger ?? silentLogger,
  }
}
