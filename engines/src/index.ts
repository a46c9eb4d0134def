/** Finds the real engines that the tests run against, and starts servers of their own for those that need one. */
export { chromiumArguments, findChromium } from './chromium.ts'
export { engineUrl, type FreshDatabase, type FreshDatabaseOptions, freshDatabase } from './databases.ts'
export type { Engine, Where } from './engine.ts'
export {
  type EngineName,
  embeddedEngines,
  engineNames,
  findEngine,
  findEngines,
  skipWithout,
  whyNot,
} from './find.ts'
export { startInstalled } from './own/for-this-run.ts'
export {
  skipUnlessInstalled,
  startServer,
  type ThrowawayServer,
  type ThrowawayServerOptions,
} from './own/throwaway.ts'
export { enginesRequired } from './required.ts'
export type { DatabaseName, ServerName } from './servers/index.ts'
export { startProxy, type TcpProxy } from './tcp-proxy.ts'
