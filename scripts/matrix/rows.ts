import type { Contract } from 'portolan/contracts'
import type { Result, Results } from './results.ts'

/** Whether an adapter declares a capability; without it, whether cases have shown that it is refused with `unsupported`. */
export type Offer = 'yes' | 'unsupported' | 'no'

export interface Row {
  readonly adapter: string
  /** Cases that passed; the ones of a capability that is not declared pass by refusing. */
  readonly passed: number
  readonly offers: ReadonlyMap<string, Offer>
}

export interface Table {
  readonly port: string
  readonly cases: number
  readonly capabilities: readonly string[]
  readonly rows: readonly Row[]
}

// What a contract needs, here: no case is run.
export type Known = Pick<Contract<never>, 'port'> & {
  readonly cases: readonly {
    readonly name: string
    readonly requires?: string
    readonly otherwise?: unknown
  }[]
}

/** The tables, ports and adapters in alphabetical order, and whatever keeps them from being the whole truth. */
export function tablesOf(
  contracts: readonly Known[],
  results: Results,
): { readonly tables: Table[]; readonly problems: string[] } {
  const problems: string[] = []
  const tables = contracts
    .toSorted((a, b) => compare(a.port, b.port))
    .map(contract => {
      const adapters = [...(results.get(contract.port) ?? [])].toSorted(([a], [b]) => compare(a, b))
      if (adapters.length === 0)
        problems.push(`${contract.port}: no test is called 'ADAPTER: ${contract.port}: CASE'`)
      const rows = adapters.map(([adapter, cases]) => {
        problems.push(
          ...problemsOf(contract, cases).map(problem => `${adapter}: ${contract.port}: ${problem}`),
        )
        return rowOf(adapter, contract, cases)
      })
      return {
        port: contract.port,
        cases: contract.cases.length,
        capabilities: capabilitiesOf(contract),
        rows,
      }
    })
  return { tables, problems }
}

function rowOf(adapter: string, contract: Known, results: ReadonlyMap<string, Result>): Row {
  const passed = contract.cases.filter(
    ({ name }) => isPassed(results, name) || isPassed(results, refused(name)),
  )
  const offers = capabilitiesOf(contract).map((capability): [string, Offer] => {
    const cases = contract.cases.filter(({ requires }) => requires === capability)
    if (cases.some(({ name }) => results.has(name))) return [capability, 'yes']
    return [capability, cases.some(({ name }) => isPassed(results, refused(name))) ? 'unsupported' : 'no']
  })
  return { adapter, passed: passed.length, offers: new Map(offers) }
}

/** Cases that failed or were skipped, and those that the tests forgot. */
function problemsOf({ cases }: Known, results: ReadonlyMap<string, Result>): string[] {
  const wrong = [...results].flatMap(([name, result]) =>
    result.state === 'passed' ? [] : [`${name === '' ? 'every case' : name}: ${result.state}: ${result.why}`],
  )
  if (results.has('')) return wrong
  const declared = new Set(cases.filter(({ name }) => results.has(name)).map(({ requires }) => requires))
  const forgotten = cases.filter(({ name, requires, otherwise }) => {
    if (results.has(name) || results.has(refused(name))) return false
    return requires === undefined || declared.has(requires) || otherwise !== undefined
  })
  return [...wrong, ...forgotten.map(({ name }) => `${name}: no test ran it`)]
}

const capabilitiesOf = ({ cases }: Known): string[] =>
  [...new Set(cases.flatMap(({ requires }) => requires ?? []))].toSorted(compare)

const isPassed = (results: ReadonlyMap<string, Result>, name: string): boolean =>
  results.get(name)?.state === 'passed'

/** What `casesFor` calls a case that runs without its capability. */
const refused = (name: string): string => `${name} (not offered, and refused)`

/** By code unit, which is the same on every machine. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
