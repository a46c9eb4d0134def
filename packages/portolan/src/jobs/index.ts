export { permanent } from '../runtime/permanent.ts'
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
export type { JobService, JobsOptions } from './job-service.ts'
export { createJobs } from './jobs.ts'
