import type { FastifyInstance } from 'fastify'
import type { Health } from '../ports/service.ts'
import { reply } from './reply.ts'
import type { Responder } from './respond.ts'

/** How an application and its services are doing; `compose`'s `app.health()` fits. */
export interface HealthReport {
  readonly status: Health['status']
  readonly services?: Readonly<Record<string, Health>>
}

/** What the health addresses ask. */
export interface HealthState {
  isDraining(): boolean
  report(): Promise<HealthReport>
}

/**
 * `/health/live`: the process answers, nothing more, so that a database's trouble never restarts it.
 * `/health/ready`: send requests here; 503 while a service is down, and from the moment that draining begins.
 * `/health/startup`: 503 until it was ready for the first time.
 */
export function serveHealth(native: FastifyInstance, responder: Responder, state: HealthState): void {
  let startedUp = false
  const serve = (path: string, answer: () => Promise<{ up: boolean; body: HealthReport }>) => {
    native.get(path, (request, response) => {
      response.header('cache-control', 'no-store')
      responder.run(request, response, async () => {
        const { up, body } = await answer()
        return reply(up ? 200 : 503, body)
      })
    })
  }
  const readiness = async () => {
    if (state.isDraining()) return { up: false, body: { status: 'down' as const } }
    const body = await state.report()
    const up = body.status !== 'down'
    startedUp ||= up
    return { up, body }
  }
  serve('/health/live', async () => ({ up: true, body: { status: 'up' } }))
  serve('/health/ready', readiness)
  serve('/health/startup', async () => (startedUp ? { up: true, body: { status: 'up' } } : readiness()))
}
