/** Ports, errors, the composer, and the definitions that an application layer writes. Pure: no engine, no `node:` module. */

export { defineJob, exponential, type JobOptions } from './jobs/define.ts'
export { defineMessage, type MessageDefinition } from './messaging/define.ts'
export { defineSaga, type SagaDefinition } from './messaging/sagas/define.ts'
export * from './ports/index.ts'
export type { Application, StartOptions } from './runtime/application.ts'
export { type Composer, compose, type Overrides } from './runtime/compose.ts'
export { healthOf, type OverallHealth, type ServiceHealth } from './runtime/health.ts'
export { permanent } from './runtime/permanent.ts'
export { Redacted } from './runtime/redacted.ts'
