/** The most that goes in one command: while the server works at one, the next is made and the one before is read. Fewer cost each more. */
const most = 16

/** What goes in one command: each with its key and its value. */
interface Batch<Value, Result> {
  readonly keys: string[]
  readonly values: Value[]
  readonly resolves: ((result: Result) => void)[]
  readonly rejects: ((error: unknown) => void)[]
}

export interface InBatches<Value, Result> {
  (key: string, value: Value): Promise<Result>
  /** Sends what was gathered, so that it is ahead of what is sent next. */
  flush(): void
}

/**
 * Gathers what is asked for in one turn of the event loop, so that it goes to the server as one command, whose cost is that of a few.
 * `send` is given the keys and their values, `read` says what was answered to the one at a place; when `send` rejects, so do all.
 */
export function inBatches<Value, Answers, Result>(
  send: (keys: readonly string[], values: readonly Value[]) => Promise<Answers>,
  read: (answers: Answers, at: number) => Result,
): InBatches<Value, Result> {
  let open: Batch<Value, Result> | undefined

  function flush(): void {
    if (!open) return
    const { keys, values, resolves, rejects } = open
    open = undefined
    send(keys, values).then(
      answers => {
        for (let at = 0; at < resolves.length; at++) resolves[at]!(read(answers, at))
      },
      error => {
        for (const reject of rejects) reject(error)
      },
    )
  }

  const gather = (key: string, value: Value) =>
    new Promise<Result>((resolve, reject) => {
      if (!open) {
        open = { keys: [key], values: [value], resolves: [resolve], rejects: [reject] }
        // Behind all that the answers of a batch have set going: whoever goes on with the next one is in it.
        process.nextTick(flush)
        return
      }
      open.keys.push(key)
      open.values.push(value)
      open.resolves.push(resolve)
      open.rejects.push(reject)
      if (open.keys.length === most) flush()
    })
  return Object.assign(gather, { flush })
}
