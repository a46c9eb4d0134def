/** What became of one case on one adapter. */
export type Result =
  | { readonly state: 'passed' }
  | { readonly state: 'failed'; readonly why: string }
  | { readonly state: 'skipped'; readonly why: string }

/** port → adapter → case → result. A case that the adapter does not offer bears the name that `casesFor` gives it. */
export type Results = ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, Result>>>

/** Whatever else went wrong: a file that ended badly, a test that is no case. */
export interface Run {
  readonly results: Results
  readonly failures: readonly string[]
}

/**
 * Collects the tests called `ADAPTER: PORT: CASE` (`ADAPTER: PORT` alone for all of its cases at once, as a test is called that
 * stands for those that a missing engine skips). Other tests of the files count only when they fail.
 */
export async function collect(stream: AsyncIterable<object>, ports: readonly string[]): Promise<Run> {
  const results = new Map<string, Map<string, Map<string, Result>>>()
  const failures: string[] = []
  const pattern = new RegExp(`^(.+?): (${ports.join('|')})(?:: (.+))?$`)
  for await (const { type, data } of stream as AsyncIterable<TestEvent>) {
    if (type !== 'test:pass' && type !== 'test:fail') continue
    const [, adapter, port, name = ''] = pattern.exec(data.name) ?? []
    if (adapter === undefined || port === undefined) {
      const isConsequence = data.details?.error?.failureType === 'subtestsFailed'
      if (type === 'test:fail' && !isConsequence) failures.push(`${data.name}: ${messageOf(data)}`)
      continue
    }
    const adapters = results.get(port) ?? new Map<string, Map<string, Result>>()
    results.set(port, adapters)
    adapters.set(adapter, (adapters.get(adapter) ?? new Map()).set(name, resultOf(type, data)))
  }
  return { results, failures }
}

/** The part of a `node:test` event that is used here. */
export interface TestEvent {
  readonly type: string
  readonly data: {
    readonly name: string
    readonly skip?: string | boolean
    readonly details?: { readonly error?: Error & { readonly failureType?: string } }
  }
}

function resultOf(type: string, data: TestEvent['data']): Result {
  if (type === 'test:fail') return { state: 'failed', why: messageOf(data) }
  if (data.skip === undefined || data.skip === false) return { state: 'passed' }
  return { state: 'skipped', why: typeof data.skip === 'string' ? data.skip : 'no reason given' }
}

function messageOf({ details }: TestEvent['data']): string {
  const error = details?.error
  const thrown = error?.cause instanceof Error ? error.cause : error
  return (thrown?.message ?? 'it failed').split('\n')[0]!
}
