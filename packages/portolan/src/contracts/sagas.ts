import { contract } from './contract.ts'
import { compensationCases } from './sagas-compensation.ts'
import { endCases } from './sagas-ends.ts'
import type { SagaHarness } from './sagas-kit.ts'
import { messageCases } from './sagas-messages.ts'
import { timeoutCases } from './sagas-timeouts.ts'

export type { SagaHarness } from './sagas-kit.ts'

/** What sagas promise, whatever database keeps them and whatever broker brings their messages. */
export const sagaContract = contract<SagaHarness>('sagas', [
  ...messageCases,
  ...timeoutCases,
  ...compensationCases,
  ...endCases,
])
