import { test } from 'node:test'
import type { ChatContent } from 'portolan'
import {
  type ChatFault,
  type ChatMessengerHarness,
  casesFor,
  chatMessengerContract,
} from 'portolan/contracts'
import { whatsapp } from 'portolan/services'
import type { ChatMessage } from '../../src/index.ts'
import { phoneNumberId, startEmulators } from '../support/emulators.ts'

const customer = '447700900123'

async function open(): Promise<ChatMessengerHarness> {
  const emulators = await startEmulators()
  const person = emulators.whatsapp.customer(customer)
  await person.sendText('Hi', { id: 'wamid.contract-1' })
  const options = { phoneNumberId, token: 'token' }
  const messenger = whatsapp({ ...options, baseUrl: emulators.whatsapp.url })
  const impatient = whatsapp({ ...options, baseUrl: emulators.whatsapp.url, timeout: '1s' })
  // A port of the loopback that nothing listens on.
  const unreachable = whatsapp({ ...options, baseUrl: 'http://127.0.0.1:1' })
  const faults: Readonly<Record<ChatFault, Parameters<typeof emulators.whatsapp.faults.set>[0]>> = {
    rate_limited: { errorCodeRate: 1, errorCode: 130429 },
    unauthenticated: { revoked: true },
    unavailable: { down: true },
    hang: { timeoutRate: 1 },
    reset: { resetRate: 1 },
  }
  return {
    ...{ messenger, impatient, unreachable, customer },
    received: async () =>
      emulators.whatsapp
        .messages()
        .filter(({ from }) => from === 'business')
        .map(message => ({
          to: message.waId,
          content: contentOf(message),
          ...(message.replyTo !== undefined && { replyTo: message.replyTo }),
          ...(message.correlation !== undefined && { correlation: message.correlation }),
        })),
    read: async () =>
      emulators.whatsapp
        .messages()
        .filter(({ status, from }) => from === 'customer' && status === 'read')
        .map(({ id }) => id),
    requests: async () => emulators.whatsapp.requests(),
    fail: async fault => emulators.whatsapp.faults.set({ ...faults[fault], nextRequests: 1 }),
    async [Symbol.asyncDispose]() {
      await Promise.all([messenger.close(), impatient.close(), unreachable.close()])
      await emulators.stop()
    },
  }
}

function contentOf({ text: body, buttons, list }: ChatMessage): ChatContent {
  if (list) return { type: 'list', body, ...list }
  return buttons.length > 0 ? { type: 'buttons', body, buttons } : { type: 'text', body }
}

for (const item of casesFor(chatMessengerContract, { faults: true }, open))
  test(`WhatsApp: ${item.name}`, () => item.run())
