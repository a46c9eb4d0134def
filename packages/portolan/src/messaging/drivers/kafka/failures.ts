/** The error at the bottom of those that the client wraps around each other: the one that says what is wrong. */
export function rootOf(error: unknown): Error {
  let root = error instanceof Error ? error : new Error(String(error))
  for (;;) {
    const { errors } = root as { errors?: unknown[] }
    const next = errors?.findLast(each => each instanceof Error) ?? root.cause
    if (!(next instanceof Error)) return root
    root = next
  }
}

/** What Kafka answered, by the name in its protocol; `undefined`: it was not Kafka that failed. */
export function answerOf(error: unknown): string | undefined {
  const { apiId } = rootOf(error) as { apiId?: unknown }
  return typeof apiId === 'string' ? apiId : undefined
}

/** Every answer, where a request was about several things. */
export function answersOf(error: unknown): string[] {
  if (!(error instanceof Error)) return []
  const { apiId, errors } = error as { apiId?: unknown; errors?: unknown[] }
  const inner = [...(errors ?? []), error.cause].flatMap(answersOf)
  return typeof apiId === 'string' ? [apiId, ...inner] : inner
}

/** Runs `work`, whose failure is that of its root. */
export async function plainly<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw rootOf(error)
  }
}
