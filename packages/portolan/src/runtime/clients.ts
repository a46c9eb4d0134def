import { InfrastructureError } from '../ports/errors.ts'

/** The client libraries that adapters load when they are first needed, and the versions that they were tested with. */
export const clientVersions = {
  '@nats-io/jetstream': '^3.4.0',
  '@nats-io/transport-node': '^3.4.0',
  '@platformatic/kafka': '^2.12.0',
  amqplib: '^2.3.0',
  bullmq: '^6.7.0',
  fastify: '^5.12.0',
  ioredis: '^6.0.0',
  mqtt: '^5.16.0',
  mysql2: '^3.24.0',
  nodemailer: '^10.6.0',
  pg: '^8.23.0',
  pino: '^10.4.0',
  undici: '^8.12.0',
} as const

export type ClientName = keyof typeof clientVersions

/**
 * Loads a client library. The `import()` stands at the caller, where bundlers and types can see it.
 *
 * @throws InfrastructureError `unavailable` with the command that installs it, when it is not there.
 * @example
 * const { Pool } = await loadClient('undici', () => import('undici'))
 */
export async function loadClient<Module>(name: ClientName, importer: () => Promise<Module>): Promise<Module> {
  try {
    return await importer()
  } catch (cause) {
    if (!isMissing(cause, name)) throw cause
    throw new InfrastructureError(
      'unavailable',
      `'${name}' is not installed. Run: npm install '${name}@${clientVersions[name]}'`,
      { cause, details: { client: name } },
    )
  }
}

/** Whether the module itself was not found, rather than something that it needs. */
function isMissing(error: unknown, name: string): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  const codes: readonly unknown[] = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']
  return codes.includes(error.code) && error.message.includes(`'${name}'`)
}
