import assert from 'node:assert/strict'
import { test } from 'node:test'
import { casesFor, contract } from 'portolan/contracts'

const found = new Error('what the case found')
const failing = contract<AsyncDisposable>('things', [
  {
    name: 'fails',
    async run() {
      throw found
    },
  },
])

const releases: Readonly<Record<string, () => Promise<void>>> = {
  'is released': async () => {},
  'cannot be released': () => Promise.reject(new Error('busy')),
  'is never released': () => new Promise(() => {}),
}

for (const [name, release] of Object.entries(releases)) {
  test(`a case that fails tells what it found when its harness ${name}`, async () => {
    let asked = 0
    const open = async () => ({
      [Symbol.asyncDispose]() {
        asked++
        return release()
      },
    })
    const [item] = casesFor(failing, {}, open)
    await assert.rejects(item!.run(), found)
    assert.equal(asked, 1)
  })
}

test('a case that holds fails when its harness cannot be released', async () => {
  const holding = contract<AsyncDisposable>('things', [{ name: 'holds', async run() {} }])
  const busy = new Error('busy')
  const open = async () => ({ [Symbol.asyncDispose]: () => Promise.reject(busy) })
  await assert.rejects(casesFor(holding, {}, open)[0]!.run(), busy)
})
