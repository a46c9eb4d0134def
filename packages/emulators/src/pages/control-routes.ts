import type { FastifyInstance } from 'fastify'
import { InfrastructureError } from 'portolan'
import type { Faults } from '../faults/faults.ts'

/** Everything whose faults can be switched. */
export type FaultServices = Readonly<Record<'whatsapp' | 'payments' | 'mail', Faults<object>>>

/** `GET|PUT /control/faults` and `DELETE /control/faults/:service`: the faults of all services as JSON. */
export function addControlRoutes(server: FastifyInstance, services: FaultServices): void {
  const good = Object.fromEntries(
    Object.entries(services).map(([name, faults]) => [name, JSON.stringify(faults.current)]),
  )
  const state = () => ({
    ...Object.fromEntries(Object.entries(services).map(([name, faults]) => [name, faults.current])),
    active: Object.entries(services)
      .filter(([name, faults]) => JSON.stringify(faults.current) !== good[name])
      .map(([name]) => name),
  })
  const find = (name: string): Faults<object> => {
    if (!Object.hasOwn(services, name)) {
      throw new InfrastructureError(
        'invalid_argument',
        `There is no service '${name}': whatsapp, payments, mail.`,
      )
    }
    return services[name as keyof FaultServices]
  }

  server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) =>
    reply
      .code(InfrastructureError.is(error, 'invalid_argument') ? 400 : (error.statusCode ?? 500))
      .send({ error: error.message }),
  )
  server.get('/control/faults', async () => state())
  server.put('/control/faults', async request => {
    const changes = request.body
    if (typeof changes !== 'object' || changes === null || Array.isArray(changes)) {
      throw new InfrastructureError('invalid_argument', 'Send an object such as {"whatsapp":{"down":true}}.')
    }
    for (const [name, given] of Object.entries(changes)) find(name).set(given as object)
    return state()
  })
  server.delete('/control/faults', async () => {
    for (const faults of Object.values(services)) faults.reset()
    return state()
  })
  server.delete<{ Params: { service: string } }>('/control/faults/:service', async request => {
    find(request.params.service).reset()
    return state()
  })
}
