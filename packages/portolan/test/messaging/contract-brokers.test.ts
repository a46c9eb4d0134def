import { describe, test } from 'node:test'
import { openBroker } from 'portolan/messaging'
import { casesFor } from '../../src/contracts/contract.ts'
import { messagingContract } from '../../src/contracts/messaging.ts'
import { brokers } from './brokers.ts'
import { openHarness } from './harness.ts'

for (const broker of brokers) {
  // Behind outbox and inbox, the database is the same everywhere; the other engines are covered by the broker in a database of its own.
  const { capabilities } = await openBroker(broker.url)
  describe(broker.name, { concurrency: 4, skip: broker.skip }, () => {
    const open = () => openHarness('apart', { broker })
    for (const item of casesFor(messagingContract, capabilities, open))
      test(`${broker.name}: ${item.name}`, item.run)
  })
}
