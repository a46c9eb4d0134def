import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { HttpFixture } from '../../src/contracts/http-client.ts'

/** The server that the contract of HTTP clients describes. */
export async function openFixture(): Promise<HttpFixture & AsyncDisposable & { connections(): number }> {
  let connections = 0
  const counts = new Map<string, number>()
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://localhost')
    const count = (counts.get(url.pathname) ?? 0) + 1
    counts.set(url.pathname, count)
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => {
      body += chunk
    })
    request.on('end', () => answer({ request, response, url, body, count }))
  })
  server.on('connection', () => {
    connections += 1
  })
  const unused = createServer()
  const port = await listen(server)
  const refusing = await listen(unused)
  await new Promise(resolve => unused.close(resolve))
  return {
    baseUrl: `http://localhost:${port}`,
    nowhere: `http://localhost:${refusing}`,
    connections: () => connections,
    count: path => counts.get(path) ?? 0,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, resolve))
  return (server.address() as AddressInfo).port
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  readonly body: string
  readonly count: number
}

function answer(exchange: Exchange): void {
  const { request, response, url, count } = exchange
  const [, route = '', argument = ''] = url.pathname.split('/')
  switch (route) {
    case 'status': {
      const wait = url.searchParams.get('retry-after')
      if (wait) response.setHeader('retry-after', wait)
      if (argument.startsWith('3')) response.setHeader('location', 'http://elsewhere.invalid/path?secret=1')
      json(response, Number(argument), { status: argument })
      return
    }
    case 'problem':
      response.writeHead(422, { 'content-type': 'application/problem+json' })
      response.end(
        JSON.stringify({
          type: 'about:blank',
          title: 'No stock',
          status: 422,
          detail: 'Mugs are sold out',
          sku: 'MUG',
        }),
      )
      return
    case 'leak':
      response.writeHead(400, { 'content-type': 'text/plain' })
      response.end(
        `bad: ${request.headers.authorization} ${String(request.headers['x-api-key'])} ${url.search}`,
      )
      return
    case 'flaky':
      if (count <= Number(url.searchParams.get('times'))) fault(exchange)
      else echo(exchange)
      return
    case 'hang':
      return
    case 'hang-body':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 })
      response.write('{"a":')
      return
    case 'reset':
      request.socket.resetAndDestroy()
      return
    case 'reset-body':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 })
      response.write('{"a":', () => request.socket.resetAndDestroy())
      return
    case 'bytes':
    case 'stream': {
      const text = JSON.stringify('x'.repeat(Number(argument) - 2))
      response.writeHead(200, {
        'content-type': 'application/json',
        ...(route === 'bytes' && { 'content-length': text.length }),
      })
      if (route === 'stream') response.write(text.slice(0, 10))
      response.end(route === 'stream' ? text.slice(10) : text)
      return
    }
    case 'text':
      response.writeHead(200, { 'content-type': 'text/html' })
      response.end('<p>Hello</p>')
      return
    case 'empty':
      response.writeHead(204)
      response.end()
      return
    default:
      echo(exchange)
  }
}

function fault({ request, response, url }: Exchange): void {
  const how = url.searchParams.get('how')!
  if (how === 'reset') request.socket.resetAndDestroy()
  else if (how !== 'hang') json(response, Number(how), { how })
}

function echo({ request, response, url, body }: Exchange): void {
  json(response, 200, {
    method: request.method,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: request.headers,
    body,
  })
}

function json(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}
