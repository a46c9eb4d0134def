/** The replay and the stand that it runs on, for measurements. */
export { defaultConcurrency } from './arguments.ts'
export { type ReplayResult, replay } from './replay.ts'
export { bundledSample } from './sample.ts'
export { openStand, type Stand } from './stand.ts'
