import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { Abortables } from '../../src/runtime/abortable.ts'

test('waits under one signal end with it, all at once, and those that were over are left as they were', async () => {
  const closing = new AbortController()
  const waits = new Abortables(closing.signal)
  const never = new Promise<never>(() => {})
  assert.equal(await waits.abortable(Promise.resolve('done')), 'done')
  await assert.rejects(waits.abortable(Promise.reject(new Error('broken'))), /broken/)

  const late = Promise.withResolvers<string>()
  const ends = [waits.abortable(never), waits.abortable(late.promise)]
  closing.abort('closed')
  late.resolve('too late')
  for (const end of ends) await assert.rejects(end, { code: 'cancelled', cause: 'closed' })
  await assert.rejects(waits.abortable(never), { code: 'cancelled', cause: 'closed' })
})

test('however many waits there are, their signal has one listener', async () => {
  const closing = new AbortController()
  const waits = new Abortables(closing.signal)
  const works = Array.from({ length: 100 }, () => Promise.withResolvers<void>())
  const ends = works.map(({ promise }) => waits.abortable(promise))
  assert.equal(getEventListeners(closing.signal, 'abort').length, 1)
  for (const { resolve } of works) resolve()
  await Promise.all(ends)
  assert.equal(getEventListeners(closing.signal, 'abort').length, 1)
})
