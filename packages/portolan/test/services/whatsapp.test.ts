import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ChatMessengerHarness, chatMessengerContract } from '../../src/contracts/chat-messenger.ts'
import { casesFor } from '../../src/contracts/contract.ts'
import { failure } from '../../src/contracts/failure.ts'
import { Redacted } from '../../src/runtime/redacted.ts'
import { whatsapp } from '../../src/services/index.ts'
import { openCloudApi } from './cloud-api.ts'
import { json, localServer, nowhere } from './local-server.ts'

const settings = { phoneNumberId: '1065', token: new Redacted('the-token') }

describe('whatsapp', () => {
  for (const item of casesFor(chatMessengerContract, { faults: true }, openHarness)) test(item.name, item.run)

  test('writes the body that the Cloud API documents', async () => {
    await using api = await openCloudApi()
    await using messenger = whatsapp({ ...settings, baseUrl: api.baseUrl })
    await messenger.send({
      to: '16505551234',
      content: { type: 'template', name: 'reminder', language: 'en_GB', parameters: ['Ann', '2.55'] },
      replyTo: 'wamid.0',
      correlation: 'c',
    })
    assert.deepEqual(api.bodies[0], {
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: '16505551234',
      context: { message_id: 'wamid.0' },
      type: 'template',
      template: {
        name: 'reminder',
        language: { code: 'en_GB' },
        components: [
          {
            type: 'body',
            parameters: [
              { type: 'text', text: 'Ann' },
              { type: 'text', text: '2.55' },
            ],
          },
        ],
      },
      biz_opaque_callback_data: 'c',
    })
  })

  test('writes to a user id in its own field', async () => {
    await using api = await openCloudApi()
    await using messenger = whatsapp({ ...settings, baseUrl: api.baseUrl })
    await messenger.send({ to: 'US.13491208655302741918', content: { type: 'text', body: 'Hi' } })
    const [sent] = api.bodies as unknown as { to?: string; recipient?: string }[]
    assert.deepEqual([sent!.to, sent!.recipient], [undefined, 'US.13491208655302741918'])
  })

  const meanings: readonly [number, number, string, string][] = [
    [190, 401, 'unauthenticated', 'never'],
    [100, 400, 'invalid_argument', 'never'],
    [131_008, 400, 'invalid_argument', 'never'],
    [131_009, 400, 'invalid_argument', 'never'],
    [130_429, 400, 'rate_limited', 'later'],
    [131_056, 400, 'rate_limited', 'later'],
    [131_026, 400, 'not_found', 'never'],
    [131_047, 400, 'precondition_failed', 'never'],
    [131_049, 400, 'resource_exhausted', 'never'],
    [131_051, 400, 'unsupported', 'never'],
    [132_000, 400, 'invalid_argument', 'never'],
    [132_001, 404, 'invalid_argument', 'never'],
    [132_015, 400, 'precondition_failed', 'never'],
    [131_031, 403, 'permission_denied', 'never'],
    [368, 403, 'permission_denied', 'never'],
    [131_000, 500, 'unavailable', 'later'],
    [999_999, 400, 'invalid_argument', 'never'],
    [999_999, 500, 'unavailable', 'later'],
  ]
  for (const [whatsappCode, status, code, retry] of meanings)
    test(`understands error ${whatsappCode} of a ${status} as ${code}`, async () => {
      const error = await failure(sendTo(status, { error: { message: 'Refused', code: whatsappCode } }))
      assert.equal(error.code, code)
      assert.equal(error.retry, retry)
      assert.deepEqual(error.details, { status, whatsappCode, outcome: 'not_sent' })
    })

  test("does not take a gateway's page for the word of the service", async () => {
    const error = await failure(sendTo(502, { page: 'Bad gateway' }))
    assert.equal(error.code, 'unavailable')
    assert.equal(error.retry, 'never')
    assert.equal(error.details.outcome, 'unknown')
  })

  test('takes the token out of what the service says', async () => {
    const answer = { error: { message: 'Malformed access token the-token', code: 190 } }
    const error = await failure(sendTo(401, answer))
    assert.match(error.message, /Malformed access token \[redacted\]/)
  })

  test('reports an answer without an id as an unknown outcome', async () => {
    for (const answer of [{}, { messages: [] }, { messages: [{ id: 7 }] }]) {
      const error = await failure(sendTo(200, answer))
      assert.equal(error.code, 'internal')
      assert.equal(error.details.outcome, 'unknown')
    }
  })

  test('refuses settings that cannot be, and shows no token', async () => {
    for (const wrong of [{ phoneNumberId: '+44' }, { version: '23' }, { token: '' }])
      assert.throws(() => whatsapp({ ...settings, ...wrong }), { code: 'invalid_argument' })
    const messenger = whatsapp({ ...settings, baseUrl: await nowhere() })
    const error = await failure(messenger.send({ to: '16505551234', content: { type: 'text', body: 'Hi' } }))
    assert.ok(!`${error.stack}${JSON.stringify(error.details)}`.includes('the-token'))
    await messenger.close()
  })
})

async function sendTo(status: number, answer: object): Promise<unknown> {
  await using server = await localServer(({ response }) => json(response, status, answer))
  await using messenger = whatsapp({ ...settings, baseUrl: server.baseUrl })
  return await messenger.send({ to: '16505551234', content: { type: 'text', body: 'Hi' } })
}

async function openHarness(): Promise<ChatMessengerHarness> {
  const api = await openCloudApi()
  const messenger = whatsapp({ ...settings, baseUrl: api.baseUrl })
  const impatient = whatsapp({ ...settings, baseUrl: api.baseUrl, timeout: '1s' })
  const unreachable = whatsapp({ ...settings, baseUrl: await nowhere() })
  return {
    messenger,
    impatient,
    unreachable,
    customer: '16505551234',
    received: async () => api.received(),
    read: async () => api.read(),
    requests: async () => api.requests(),
    fail: async fault => api.fail(fault),
    async [Symbol.asyncDispose]() {
      for (const open of [messenger, impatient, unreachable]) await open.close()
      await api[Symbol.asyncDispose]()
    },
  }
}
