/** Configuration: described once, checked against schemas, read from files, environment and flags. */
export {
  type BrokenRule,
  type ConfigDefinition,
  type ConfigOf,
  type DefinitionOptions,
  defineConfig,
  type Fields,
  isConfigDefinition,
  type Setting,
  type SettingOptions,
  secret,
  setting,
  settingsOf,
  type Values,
} from './definition.ts'
export { type DescribedSetting, describe, type Origin } from './describe.ts'
export { type ConfigReading, type LoadOptions, loadConfig, readConfig } from './load.ts'
export { type ConfigProblem, problemsText } from './problem.ts'
export * from './schemas.ts'
export type { SourceOptions } from './sources/index.ts'
export type { SourceKind } from './sources/source.ts'
