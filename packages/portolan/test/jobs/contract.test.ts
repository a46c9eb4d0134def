import { test } from 'node:test'
import { casesFor, jobsContract } from 'portolan/contracts'
import { skipWithout } from 'portolan-engines'
import { enginesOfJobs, harness } from './harness.ts'

for (const engine of enginesOfJobs) {
  const skip = engine !== 'sqlite' && (await skipWithout(engine))
  if (skip) {
    test(engine, { skip }, () => {})
    continue
  }
  await using sample = await harness(engine)
  const { capabilities } = sample.open()
  for (const { name, run } of casesFor(jobsContract, capabilities, () => harness(engine)))
    test(`${engine}: ${name}`, run)
}
