import { contract } from './contract.ts'
import { failureCases } from './http-client-failures.ts'
import type { HttpClientHarness } from './http-client-kit.ts'
import { repeatingCases } from './http-client-repeating.ts'
import { requestCases } from './http-client-requests.ts'

export type { HttpClientHarness, HttpFixture } from './http-client-kit.ts'

/** What every HTTP client must do, whatever carries its requests. */
export const httpClientContract = contract<HttpClientHarness>('http-client', [
  ...requestCases,
  ...failureCases,
  ...repeatingCases,
])
