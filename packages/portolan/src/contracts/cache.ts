import { deletionCases } from './cache-deletion.ts'
import { faultCases } from './cache-faults.ts'
import type { CacheHarness } from './cache-kit.ts'
import { sharedCases } from './cache-shared.ts'
import { timeCases } from './cache-time.ts'
import { valueCases } from './cache-values.ts'
import { contract } from './contract.ts'

export type { CacheContractCapabilities, CacheHarness, JoinOptions } from './cache-kit.ts'

/** What a cache over any store, bus and locks must do. Capabilities: `CacheContractCapabilities`. */
export const cacheContract = contract<CacheHarness>('cache', [
  ...valueCases,
  ...timeCases,
  ...deletionCases,
  ...sharedCases,
  ...faultCases,
])
