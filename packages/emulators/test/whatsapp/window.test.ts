import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from 'portolan/runtime'
import { send, startEmulators, until } from '../support/emulators.ts'
import { startReceiver } from '../support/receiver.ts'

test('outside of the 24-hour window only templates arrive; the rest is accepted and fails with 131047', async () => {
  await using receiver = await startReceiver()
  let aheadMs = 0
  const clock = { ...systemClock, now: () => systemClock.now() + aheadMs }
  await using emulators = await startEmulators(receiver, {
    clock,
    whatsapp: { templates: [{ name: 'reminder', language: 'en', body: 'Your cart waits, {{1}}: {{2}}' }] },
  })
  const text = { text: { body: 'Hello' } }
  const template = {
    type: 'template',
    template: {
      name: 'reminder',
      language: { code: 'en', policy: 'deterministic' },
      components: [
        {
          type: 'body',
          parameters: ['Ada', '3 items'].map(parameter => ({ type: 'text', text: parameter })),
        },
      ],
    },
  }
  const outcome = async (body: object) => {
    const { status, json } = await send(emulators, body)
    assert.equal(status, 200)
    const statuses = () => receiver.statuses().filter(({ id }) => id === json.messages[0].id)
    await until(() => statuses().length > 0)
    return statuses().at(-1)
  }

  assert.equal((await outcome(text))?.errors?.[0]?.code, 131047, 'nobody has written yet')
  // What counts is when the emulator heard of it, not the time on the phone.
  await emulators.whatsapp.customer('447700900123').sendText('Hi', { sentAt: new Date('2010-12-01') })
  assert.equal((await outcome(text))?.status, 'read')
  aheadMs = 23 * 3_600_000
  assert.equal((await outcome(text))?.status, 'read')
  aheadMs = 25 * 3_600_000
  assert.equal((await outcome(text))?.status, 'failed')
  assert.equal((await outcome(template))?.status, 'read')
  assert.equal(emulators.whatsapp.messages().at(-1)?.text, 'Your cart waits, Ada: 3 items')
  await emulators.whatsapp.customer('447700900123').sendText('Hi again')
  assert.equal((await outcome(text))?.status, 'read')

  const wrong = { ...template, template: { ...template.template, components: [] } }
  assert.equal((await send(emulators, wrong)).json.error.code, 132000)
})
