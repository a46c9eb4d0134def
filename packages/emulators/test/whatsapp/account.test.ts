import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Emulators } from '../../src/index.ts'
import { businessAccountId, phoneNumberId, request, startEmulators, until } from '../support/emulators.ts'
import { startReceiver } from '../support/receiver.ts'

let emulators: Emulators
before(async () => {
  emulators = await startEmulators()
})
after(() => emulators.stop())

const call = (method: string, path: string, body?: unknown) =>
  request(method, `${emulators.whatsapp.url}/v23.0/${path}`, body, { authorization: 'Bearer token' })

test('templates are created, listed and deleted', async () => {
  const path = `${businessAccountId}/message_templates`
  const template = {
    name: 'order_paid',
    language: 'en_GB',
    category: 'UTILITY',
    components: [{ type: 'BODY', text: 'Order {{1}} is paid.' }],
  }
  const made = await call('POST', path, template)
  assert.equal(made.json.status, 'APPROVED')
  assert.equal((await call('POST', path, template)).json.error.code, 100)
  assert.equal((await call('POST', path, { ...template, name: 'Bad Name' })).json.error.code, 100)
  assert.equal((await call('POST', path, {})).json.error.code, 100)
  const listed = await call('GET', `${path}?name=order_paid`)
  assert.deepEqual(
    listed.json.data.map((item: { id: string }) => item.id),
    [made.json.id],
  )
  assert.deepEqual((await call('DELETE', `${path}?name=order_paid`)).json, { success: true })
  assert.deepEqual((await call('GET', path)).json.data, [])
  assert.equal((await call('GET', '999/message_templates')).json.error.code, 100)
})

test('media are uploaded, described, downloaded and deleted', async () => {
  const form = new FormData()
  form.set('messaging_product', 'whatsapp')
  form.set('file', new Blob(['%PDF-'], { type: 'application/pdf' }), 'receipt.pdf')
  const headers = { authorization: 'Bearer token' }
  const upload = await fetch(`${emulators.whatsapp.url}/v23.0/${phoneNumberId}/media`, {
    method: 'POST',
    body: form,
    headers,
  })
  const { id } = (await upload.json()) as { id: string }
  const facts = await call('GET', id)
  assert.deepEqual([facts.json.mime_type, facts.json.file_size], ['application/pdf', 5])
  const file = await fetch(facts.json.url, { headers })
  assert.equal(await file.text(), '%PDF-')
  assert.equal((await fetch(facts.json.url)).status, 401)
  assert.deepEqual((await call('DELETE', id)).json, { success: true })
  assert.equal((await call('GET', id)).json.error.code, 100)
  assert.equal((await call('POST', `${phoneNumberId}/media`, {})).json.error.code, 100)
})

test('an application subscribes its webhook', async () => {
  await using receiver = await startReceiver()
  const path = `${businessAccountId}/subscribed_apps`
  const subscribed = await call('POST', path, { override_callback_uri: `${receiver.url}/whatsapp` })
  assert.deepEqual(subscribed.json, { success: true })
  assert.equal((await call('GET', path)).json.data.length, 1)
  await emulators.whatsapp.customer('447700900123').sendText('Hi')
  await until(() => receiver.messages().length === 1)
  assert.equal((await call('POST', path, { override_callback_uri: 'nowhere' })).json.error.code, 100)
})
