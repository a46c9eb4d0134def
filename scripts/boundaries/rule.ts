import type { IReachabilityForbiddenRuleType, IRegularForbiddenRuleType } from 'dependency-cruiser'

/** A source tree: the text of each file. */
export type Tree = Readonly<Record<string, string>>

/** What must not be, and trees that have it: a rule that does not report each of them is broken. */
export interface Rule {
  readonly name: string
  readonly because: string
  readonly from: IRegularForbiddenRuleType['from']
  readonly to: IRegularForbiddenRuleType['to'] | IReachabilityForbiddenRuleType['to']
  readonly planted: readonly Tree[]
}
