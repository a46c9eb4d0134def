import { type Contract, contract } from './contract.ts'
import { concurrencyCases } from './jobs-concurrency.ts'
import { controlCases } from './jobs-control.ts'
import { enqueueCases } from './jobs-enqueue.ts'
import { failureCases } from './jobs-failures.ts'
import { flowCases } from './jobs-flows.ts'
import { groupRateCases } from './jobs-group-rates.ts'
import type { JobsHarness } from './jobs-kit.ts'
import { leaseCases } from './jobs-leases.ts'
import { limitCases } from './jobs-limits.ts'
import { recordCases } from './jobs-records.ts'
import { retentionCases } from './jobs-retention.ts'
import { runCases } from './jobs-run.ts'
import { scheduleCases } from './jobs-schedules.ts'
import { uniqueCases } from './jobs-unique.ts'
import { workerCases } from './jobs-workers.ts'

export type { JobsHarness } from './jobs-kit.ts'

/** What background jobs must do, whatever stores them. */
export const jobsContract: Contract<JobsHarness> = contract('jobs', [
  ...enqueueCases,
  ...runCases,
  ...failureCases,
  ...workerCases,
  ...leaseCases,
  ...concurrencyCases,
  ...controlCases,
  ...uniqueCases,
  ...recordCases,
  ...retentionCases,
  ...limitCases,
  ...groupRateCases,
  ...flowCases,
  ...scheduleCases,
])
