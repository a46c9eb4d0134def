/** The values of `portolan_job.state`. */
export const ready = 0
/** Has an hour of its own: delayed when it was enqueued, or waits for a retry. Claimable once it is due. */
export const later = 1
/** Due, but another of its group is ahead. Leaves when that one lets go of the group. */
export const blocked = 2
export const running = 3
/** Waits for other jobs to end. */
export const parked = 4
