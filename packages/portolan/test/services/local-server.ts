import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface LocalServer extends AsyncDisposable {
  readonly baseUrl: string
}

export interface Incoming {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly body: string
}

/** A server on the loopback that hands over whole requests. */
export async function localServer(answer: (incoming: Incoming) => void): Promise<LocalServer> {
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => {
      body += chunk
    })
    request.on('end', () => answer({ request, response, body }))
  })
  const port = await listen(server)
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** An address that refuses connections. */
export async function nowhere(): Promise<string> {
  const server = createServer()
  const port = await listen(server)
  await new Promise(resolve => server.close(resolve))
  return `http://127.0.0.1:${port}`
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

export function json(
  response: ServerResponse,
  status: number,
  value: object,
  type = 'application/json',
): void {
  response.writeHead(status, { 'content-type': type })
  response.end(JSON.stringify(value))
}
