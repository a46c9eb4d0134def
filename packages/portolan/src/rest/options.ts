import type { Duration } from '../ports/time.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { HealthReport } from './health.ts'
import type { HttpLimit } from './limit.ts'
import type { ByteSize } from './size.ts'

export interface RestOptions extends Partial<Surroundings> {
  /** For the documentation. */
  readonly title: string
  /** Of the API's document, not of its addresses. */
  readonly version: string
  /** For the documentation; some sentences. */
  readonly description?: string
  /** Default `127.0.0.1`: this machine alone. */
  readonly host?: string
  /** Default 3000; 0 takes any free one. */
  readonly port?: number
  /** Default `1mb`. */
  readonly bodyLimit?: ByteSize
  /** Holds for every address but those of health; asked before the body is read. */
  readonly limit?: HttpLimit
  /**
   * Addresses or networks (`10.0.0.0/8`) of the proxies before this server, whose word for the client's address is taken. Default: none, so the
   * client is whoever connects.
   */
  readonly trustedProxies?: readonly string[]
  /** For receiving a whole request. Default `30s`. */
  readonly requestTimeout?: Duration
  /** How long readiness is off before connections are refused, for load balancers to notice. Default 0. */
  readonly drainDelay?: Duration
  /** What readiness reports: as a rule the application's own health. Default: up. */
  readonly health?: () => HealthReport | Promise<HealthReport>
}
