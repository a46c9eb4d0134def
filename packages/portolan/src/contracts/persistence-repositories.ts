import { aggregateEventCases } from './persistence-aggregate-events.ts'
import { aggregateCases } from './persistence-aggregates.ts'
import { auditCases } from './persistence-audit.ts'
import { badInputCases } from './persistence-bad-input.ts'
import { bulkCases } from './persistence-bulk.ts'
import { childrenCases } from './persistence-children.ts'
import { codecCases } from './persistence-codecs.ts'
import type { PersistenceCase } from './persistence-kit.ts'
import { lockCases } from './persistence-locks.ts'
import { pageCases } from './persistence-pages.ts'
import { softDeleteCases } from './persistence-soft-delete.ts'

/** Repositories: aggregates, their versions, their children and their events. */
export const repositoryCases: readonly PersistenceCase[] = [
  ...aggregateCases,
  ...childrenCases,
  ...aggregateEventCases,
  ...lockCases,
  ...softDeleteCases,
  ...auditCases,
  ...pageCases,
  ...bulkCases,
  ...codecCases,
  ...badInputCases,
]
