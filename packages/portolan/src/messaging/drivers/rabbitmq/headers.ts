/** As CloudEvents' binding for AMQP prefers it. */
export const headerPrefix = 'cloudEvents_'
/** As it was before, and may be still. */
const otherPrefix = 'cloudevents:'

/** The headers of a message of whomever, each attribute under the one prefix, and moments as text: AMQP has a type for them. */
export function headersOf(given: Readonly<Record<string, unknown>> | undefined): [string, unknown][] {
  return Object.entries(given ?? {}).map(([name, value]) => [
    name.toLowerCase().startsWith(otherPrefix) ? headerPrefix + name.slice(otherPrefix.length) : name,
    momentText(value) ?? value,
  ])
}

/** Seconds, as `amqplib` yields a value of the type timestamp. */
function momentText(value: unknown): string | undefined {
  const { '!': type, value: seconds } = (value ?? {}) as { readonly '!'?: unknown; readonly value?: unknown }
  if (type !== 'timestamp' || typeof seconds !== 'number') return undefined
  const moment = new Date(seconds * 1_000)
  return Number.isNaN(moment.getTime()) ? undefined : moment.toISOString()
}
