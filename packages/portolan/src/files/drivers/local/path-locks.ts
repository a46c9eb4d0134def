/** Lets the holders of a path follow one another, in this process. */
export interface PathLocks {
  run<T>(paths: readonly string[], work: () => Promise<T>): Promise<T>
}

export function pathLocks(): PathLocks {
  const tails = new Map<string, Promise<unknown>>()

  function one<T>(path: string, work: () => Promise<T>): Promise<T> {
    const before = tails.get(path)
    const mine = before ? before.then(work, work) : work()
    tails.set(path, mine)
    const done = () => {
      if (tails.get(path) === mine) tails.delete(path)
    }
    mine.then(done, done)
    return mine
  }

  return {
    run(paths, work) {
      // Always in the same order, so that two that want the same paths cannot wait for each other.
      const [first = '', second] = [...new Set(paths)].sort()
      return second === undefined ? one(first, work) : one(first, () => one(second, work))
    },
  }
}
