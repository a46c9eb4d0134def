import { test } from 'node:test'
import { casesFor } from '../../src/contracts/contract.ts'
import { type HttpClientHarness, httpClientContract } from '../../src/contracts/http-client.ts'
import { fetchTransport, httpClient, type OwnedHttpClient, undiciTransport } from '../../src/network/index.ts'
import { openFixture } from './fixture.ts'

const transports = { undici: () => undiciTransport(), fetch: () => fetchTransport() }

for (const [name, make] of Object.entries(transports)) {
  for (const item of casesFor(httpClientContract, {}, () => openHarness(make)))
    test(`${name}: ${item.name}`, item.run)
}

async function openHarness(make: () => ReturnType<typeof undiciTransport>): Promise<HttpClientHarness> {
  const server = await openFixture()
  const transport = make()
  const clients: OwnedHttpClient[] = []
  return {
    server,
    open(options = {}) {
      const client = httpClient({ baseUrl: server.baseUrl, transport, ...options })
      clients.push(client)
      return client
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client.close()
      await server[Symbol.asyncDispose]()
      await transport.close()
    },
  }
}
