import { systemClock } from '../runtime/clock.ts'

/** One thing that every driver must do. */
export interface ContractCase<Harness> {
  readonly name: string
  /** The capability that it needs; where a driver does not declare it, `otherwise` is run instead. */
  readonly requires?: string
  run(harness: Harness): Promise<void>
  /** What a driver without the capability must do: as a rule, reject with `unsupported`. */
  otherwise?(harness: Harness): Promise<void>
}

/** How long a case that failed waits for its harness to be released. */
const releaseMs = 5_000

/** A contract: what a port promises, as cases that any test runner can run against any driver. */
export interface Contract<Harness> {
  readonly port: string
  readonly cases: readonly ContractCase<Harness>[]
}

/** A case with the driver's capabilities applied. */
export interface RunnableCase {
  readonly name: string
  run(): Promise<void>
}

export function contract<Harness>(port: string, cases: readonly ContractCase<Harness>[]): Contract<Harness> {
  const names = new Set<string>()
  for (const { name } of cases) {
    if (names.has(name)) throw new Error(`The contract of ${port} has two cases called '${name}'.`)
    names.add(name)
  }
  return { port, cases }
}

/**
 * The cases of a contract for a driver with `capabilities`; `open` makes the harness of one case and `close` releases it.
 *
 * @example
 * for (const item of casesFor(filesContract, capabilities, open)) test(item.name, () => item.run())
 */
export function casesFor<Harness extends AsyncDisposable>(
  { port, cases }: Contract<Harness>,
  capabilities: object,
  open: () => Promise<Harness>,
): RunnableCase[] {
  const declared = capabilities as Readonly<Record<string, unknown>>
  return cases.flatMap(item => {
    const able = item.requires === undefined || declared[item.requires] === true
    const body = able ? item.run : item.otherwise
    if (!body) return []
    const name = `${port}: ${item.name}${able ? '' : ' (not offered, and refused)'}`
    return [
      {
        name,
        async run() {
          const harness = await open()
          try {
            await body.call(item, harness)
          } catch (error) {
            await settledSoon(harness[Symbol.asyncDispose]())
            throw error
          }
          await harness[Symbol.asyncDispose]()
        },
      },
    ]
  })
}

/**
 * Closing waits for what runs, and a case that failed may have left something running that never ends: what the case found is told
 * all the same.
 */
async function settledSoon(release: PromiseLike<void>): Promise<void> {
  const waiting = new AbortController()
  await Promise.allSettled([
    Promise.race([release, systemClock.sleep(releaseMs, waiting.signal)]).finally(() => waiting.abort()),
  ])
}
