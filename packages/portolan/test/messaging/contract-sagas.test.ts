import { describe, test } from 'node:test'
import { casesFor } from '../../src/contracts/contract.ts'
import { sagaContract } from '../../src/contracts/sagas.ts'
import { brokers } from './brokers.ts'
import { engines } from './engines.ts'
import { openHarness } from './harness.ts'

for (const { engine, skip } of engines) {
  describe(`sagas on ${engine}`, { concurrency: 4, skip }, () => {
    for (const item of casesFor(sagaContract, {}, () => openHarness('joined', { engine })))
      test(`${engine}: ${item.name}`, item.run)
  })
}

// The one broker that keeps no order over types: the hardest for a process that lives on several.
for (const broker of brokers.filter(({ name }) => name === 'NATS JetStream')) {
  describe(`sagas over ${broker.name}`, { concurrency: 4, skip: broker.skip }, () => {
    for (const item of casesFor(sagaContract, {}, () => openHarness('apart', { broker })))
      test(`sqlite over ${broker.name}: ${item.name}`, item.run)
  })
}
