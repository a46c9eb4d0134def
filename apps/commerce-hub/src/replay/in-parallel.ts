/**
 * Works through a source with at most `limit` items in hand, taking the next when one is done. Rejects with the first failure, and
 * takes no more then.
 */
export async function inParallel<T>(
  source: AsyncGenerator<T, void>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  // An async generator queues the calls of several lanes by itself.
  const lane = async () => {
    for (let item = await source.next(); !item.done; item = await source.next()) await work(item.value)
  }
  try {
    await Promise.all(Array.from({ length: limit }, lane))
  } finally {
    await source.return()
  }
}
