import { test } from 'node:test'
import { casesFor, jobsContract } from 'portolan/contracts'
import { skipWithout } from 'portolan-engines'
import { bullmqHarness } from './bullmq-harness.ts'

const skip = await skipWithout('redis')
if (skip) {
  test('bullmq: jobs', { skip }, () => {})
} else {
  await using sample = await bullmqHarness()
  const { capabilities } = sample.open()
  for (const { name, run } of casesFor(jobsContract, capabilities, bullmqHarness))
    test(`bullmq: ${name}`, run)
}
