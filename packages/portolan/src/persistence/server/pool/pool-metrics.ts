import { type Attributes, metrics } from '@opentelemetry/api'

interface PoolState {
  readonly used: number
  readonly idle: number
  readonly pending: number
}

/** A pool's metrics, by the semantic conventions for database clients; durations in seconds. */
export class PoolMetrics {
  readonly #attributes: Attributes
  readonly #created
  readonly #waited
  readonly #used
  readonly #timeouts
  readonly #unobserve: () => void

  constructor(name: string, max: number, state: () => PoolState) {
    const meter = metrics.getMeter('portolan/persistence')
    const pool = { 'db.client.connection.pool.name': name }
    this.#attributes = pool
    const seconds = { unit: 's' }
    this.#created = meter.createHistogram('db.client.connection.create_time', seconds)
    this.#waited = meter.createHistogram('db.client.connection.wait_time', seconds)
    this.#used = meter.createHistogram('db.client.connection.use_time', seconds)
    this.#timeouts = meter.createCounter('db.client.connection.timeouts', { unit: '{timeout}' })
    const count = meter.createObservableUpDownCounter('db.client.connection.count', { unit: '{connection}' })
    const most = meter.createObservableUpDownCounter('db.client.connection.max', { unit: '{connection}' })
    const pending = meter.createObservableUpDownCounter('db.client.connection.pending_requests', {
      unit: '{request}',
    })
    const all = [count, most, pending]
    const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = result => {
      const now = state()
      result.observe(count, now.used, { ...pool, 'db.client.connection.state': 'used' })
      result.observe(count, now.idle, { ...pool, 'db.client.connection.state': 'idle' })
      result.observe(most, max, pool)
      result.observe(pending, now.pending, pool)
    }
    meter.addBatchObservableCallback(observe, all)
    this.#unobserve = () => meter.removeBatchObservableCallback(observe, all)
  }

  created(ms: number): void {
    this.#created.record(ms / 1_000, this.#attributes)
  }

  /** Somebody had to wait, with or without success. */
  waited(ms: number): void {
    this.#waited.record(ms / 1_000, this.#attributes)
  }

  used(ms: number): void {
    this.#used.record(ms / 1_000, this.#attributes)
  }

  timedOut(): void {
    this.#timeouts.add(1, this.#attributes)
  }

  close(): void {
    this.#unobserve()
  }
}
