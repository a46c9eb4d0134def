import { contract } from './contract.ts'
import { badInputCases } from './messaging-bad-input.ts'
import { concurrencyCases } from './messaging-concurrency.ts'
import { deadLetterCases } from './messaging-dead-letters.ts'
import { delayedCases } from './messaging-delayed.ts'
import { deliveryCases } from './messaging-delivery.ts'
import { failureCases } from './messaging-failures.ts'
import { lifecycleCases } from './messaging-lifecycle.ts'
import { pauseCases } from './messaging-pauses.ts'
import { publishingCases } from './messaging-publishing.ts'
import type { MessagingHarness } from './messaging-support.ts'

export type { MessagingHarness, MessagingMember } from './messaging-support.ts'

/** What messaging promises over any broker: run it with the capabilities of the broker's driver. */
export const messagingContract = contract<MessagingHarness>('messages', [
  ...publishingCases,
  ...delayedCases,
  ...deliveryCases,
  ...failureCases,
  ...deadLetterCases,
  ...badInputCases,
  ...lifecycleCases,
  ...pauseCases,
  ...concurrencyCases,
])
