export { permanent } from '../runtime/permanent.ts'
export type { JobCapabilities } from './capabilities.ts'
export { defineJob, exponential, type JobOptions } from './define.ts'
export type {
  Cancellation,
  JobCounts,
  JobListing,
  JobRecord,
  JobState,
  JobsStatus,
  JobTypeStatus,
  ScheduleFacts,
  ScheduleListing,
} from './inspection.ts'
export type { JobDriver, JobTerms, OpenedJobs } from './job-driver.ts'
export type { JobService, JobsElsewhere, JobsInDatabase, JobsOptions, JobsTerms } from './job-service.ts'
export { createJobs } from './jobs.ts'
export { type OpenJobsOptions, openJobs } from './open-jobs.ts'
export { databaseJobs } from './store.ts'
