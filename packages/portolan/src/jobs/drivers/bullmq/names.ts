/**
 * The name of a type as BullMQ takes it for a queue: without colons, and no two alike.
 *
 * @throws URIError for text that is not well-formed.
 */
export function queueOf(type: string): string {
  return encodeURIComponent(type)
}

/** The id of the `number`th job. It names its type, as each type is a queue, and whoever has an id has to find the job. */
export function jobId(number: number, type: string): string {
  return `${number}.${queueOf(type)}`
}

const idPattern = /^(\d{1,16})\.(.+)$/

/** The type of the job with this id; `undefined` for what is no id. */
export function typeOf(id: string): string | undefined {
  const queue = idPattern.exec(id)?.[2]
  try {
    return queue === undefined ? undefined : decodeURIComponent(queue)
  } catch {
    return undefined
  }
}

/** Orders ids by when they were given. */
export function byNumber(a: string, b: string): number {
  return Number.parseInt(a, 10) - Number.parseInt(b, 10)
}
