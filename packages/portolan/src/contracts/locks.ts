import { contract } from './contract.ts'
import { electionCases } from './locks-elections.ts'
import { exclusionCases } from './locks-exclusion.ts'
import type { LocksHarness } from './locks-kit.ts'
import { leaseCases } from './locks-leases.ts'

export type { LocksHarness } from './locks-kit.ts'

/** What every lock driver must do. Capabilities: `LockCapabilities` of `portolan/locks`. */
export const locksContract = contract<LocksHarness>('locks', [
  ...exclusionCases,
  ...leaseCases,
  ...electionCases,
])
