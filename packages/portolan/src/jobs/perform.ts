import { InfrastructureError } from '../ports/errors.ts'
import type { JobHandler, JobType } from '../ports/jobs.ts'
import { permanent } from '../runtime/permanent.ts'
import { type TraceHeaders, tracer, withSpan } from '../runtime/telemetry.ts'
import { lifted } from '../runtime/upcasting.ts'
import { validate } from '../runtime/validation.ts'
import type { Attempt } from './attempt.ts'

const spans = tracer('jobs')

/** Checks the payload and runs the handler, in a span that continues the trace of the enqueue. */
export function perform(type: JobType, handler: JobHandler<unknown>, attempt: Attempt): Promise<unknown> {
  const { id, queue, trace } = attempt.job
  const attributes = {
    'messaging.system': 'portolan',
    'messaging.operation.type': 'process',
    'messaging.operation.name': 'process',
    'messaging.destination.name': queue,
    'messaging.message.id': id,
    'portolan.job.attempt': attempt.attempt,
  }
  const parent = trace === null ? undefined : (JSON.parse(trace) as TraceHeaders)
  return withSpan(spans, `process ${queue}`, { kind: 'consumer', attributes, parent }, async () => {
    return await handler(await payloadOf(type, attempt), attempt)
  })
}

/** Another version of the application may have stored it; a retry would not make it valid. */
async function payloadOf(type: JobType, { job }: Attempt): Promise<unknown> {
  const what = `The payload of job '${type.name}'`
  try {
    const current = lifted(JSON.parse(job.payload), job.version, type.version, type.upcasters)
    if (!current.ok) {
      const { reason, cause } = current
      throw new InfrastructureError('invalid_argument', `${what}: ${reason}`, { cause })
    }
    return await validate(type.schema, current.data, what)
  } catch (error) {
    throw permanent(error)
  }
}
