import { InfrastructureError } from '../ports/errors.ts'
import { loadClient } from '../runtime/clients.ts'
import type { Transport } from './driver.ts'
import { fetchTransport } from './drivers/fetch.ts'
import { undiciTransport } from './drivers/undici.ts'

/** The best transport that there is: undici on Node where it is installed, else `fetch`. Chosen at the first request. */
export function platformTransport(): Transport {
  if (!('process' in globalThis)) return fetchTransport()
  let choosing: Promise<Transport> | undefined
  let chosen: Transport | undefined
  const choice = async () => {
    choosing ??= choose()
    chosen = await choosing
    return chosen
  }
  return {
    name: 'undici or fetch',
    send: (request, maxResponseBytes) =>
      chosen
        ? chosen.send(request, maxResponseBytes)
        : choice().then(transport => transport.send(request, maxResponseBytes)),
    async close() {
      await (await choosing)?.close()
    },
  }
}

async function choose(): Promise<Transport> {
  try {
    await loadClient('undici', () => import('undici'))
    return undiciTransport()
  } catch (error) {
    if (InfrastructureError.is(error, 'unavailable')) return fetchTransport()
    throw error
  }
}
