import { test } from 'node:test'
import {
  casesFor,
  type PaymentFault,
  type PaymentGatewayHarness,
  paymentGatewayContract,
} from 'portolan/contracts'
import { paymentApi } from 'portolan/services'
import { startEmulators } from '../support/emulators.ts'

async function open(): Promise<PaymentGatewayHarness> {
  const emulators = await startEmulators()
  const { url: baseUrl, faults } = emulators.payments
  const apiKey = 'api-key'
  const gateway = paymentApi({ baseUrl, apiKey })
  const impatient = paymentApi({ baseUrl, apiKey, retry: { attempts: 4, attemptTimeout: '500ms' } })
  const unreachable = paymentApi({ baseUrl: 'http://127.0.0.1:1', apiKey, retry: { attempts: 1 } })
  const changes: Readonly<Record<PaymentFault, Parameters<typeof faults.set>[0]>> = {
    hang: { timeoutRate: 1 },
    reset: { resetRate: 1 },
    unavailable: { down: true },
    unauthenticated: { revoked: true },
  }
  return {
    ...{ gateway, impatient, unreachable },
    declined: { units: 2n, scale: 2, currency: 'GBP' },
    movements: async () =>
      emulators.payments
        .latest(1_000)
        .reverse()
        .filter(({ status }) => status === 'succeeded')
        .map(({ object, amount, reference }) => ({
          amount: object === 'refund' ? `-${amount}` : amount,
          reference,
        })),
    fail: async fault => faults.set({ ...changes[fault], nextRequests: 1 }),
    async [Symbol.asyncDispose]() {
      await Promise.all([gateway.close(), impatient.close(), unreachable.close()])
      await emulators.stop()
    },
  }
}

for (const item of casesFor(paymentGatewayContract, { faults: true }, open))
  test(`payment API: ${item.name}`, () => item.run())
