import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Clock, Random } from 'portolan'
import type { Faults, HttpFaults } from './faults.ts'

export interface HttpGate<F extends HttpFaults> {
  readonly faults: Faults<F>
  readonly clock: Clock
  readonly random: Random
  /** Aborts when the emulator stops, so that late answers do not keep it. */
  readonly closing: AbortSignal
  /** Answers in the service's own format. */
  readonly refuse: (reply: FastifyReply, status: 401 | 500 | 503) => unknown
  /** Called with every request, refused ones included. */
  readonly arrived: () => void
}

/** Lets the faults that are on happen to every request of `server` (an encapsulated scope of it). */
export function addHttpGate<F extends HttpFaults>(server: FastifyInstance, gate: HttpGate<F>): void {
  const { clock, random, closing, faults } = gate
  const happens = (rate: number) => rate > 0 && random.next() < rate

  server.addHook('onRequest', (_request, reply, done) => {
    gate.arrived()
    const { down, revoked, errorRate } = faults.current
    if (down) gate.refuse(reply, 503)
    else if (revoked) gate.refuse(reply, 401)
    else if (happens(errorRate)) gate.refuse(reply, 500)
    else done()
  })

  // What the request was to do is done by now.
  server.addHook('onSend', (request, _reply, payload, done) => {
    const { latencyMs, timeoutRate, timeoutMs, resetRate, nextRequests } = faults.current
    if (nextRequests > 0) countDown(nextRequests)
    if (happens(resetRate)) request.raw.socket.resetAndDestroy()
    const delayMs = happens(timeoutRate) ? timeoutMs : latencyMs
    if (delayMs === 0) return done(null, payload)
    const answer = () => done(null, payload)
    clock.sleep(delayMs, closing).then(answer, answer)
  })

  function countDown(nextRequests: number): void {
    if (nextRequests === 1) faults.reset()
    else faults.set({ nextRequests: nextRequests - 1 } as Partial<F>)
  }
}
