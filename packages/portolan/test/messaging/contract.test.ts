import { describe, test } from 'node:test'
import { casesFor } from '../../src/contracts/contract.ts'
import { messagingContract } from '../../src/contracts/messaging.ts'
import { engines } from './engines.ts'
import { type Home, openHarness } from './harness.ts'

const capabilities = {
  ...{ durable: true, survivesKill: true, orderAcrossTypes: true },
  ...{ history: false, largeMessages: true, backlogAtRest: true },
}
const homes: Record<Home, string> = {
  joined: "the database broker in the application's database",
  apart: 'the database broker in a database of its own',
}

for (const { engine, skip } of engines) {
  for (const home of Object.keys(homes) as Home[]) {
    const adapter = `${homes[home]} on ${engine}`
    describe(adapter, { concurrency: 4, skip }, () => {
      for (const item of casesFor(messagingContract, capabilities, () => openHarness(home, { engine })))
        test(`${adapter}: ${item.name}`, item.run)
    })
  }
}
