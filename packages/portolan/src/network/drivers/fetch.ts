import type { HttpRequest, HttpResponse } from '../../ports/http-client.ts'
import { type Phase, type Transport, TransportFailure } from '../driver.ts'

/** HTTP over the platform's `fetch`: browsers, workers, and Node without undici. Connections are the platform's to keep. */
export function fetchTransport(options: { readonly fetch?: typeof fetch } = {}): Transport {
  const send = options.fetch ?? fetch
  return {
    name: 'fetch',
    send: (request, maxResponseBytes) => exchange(send, request, maxResponseBytes),
    close: () => Promise.resolve(),
  }
}

async function exchange(
  send: typeof fetch,
  request: HttpRequest,
  maxResponseBytes: number,
): Promise<HttpResponse> {
  const { method, url, headers, body, signal } = request
  // `fetch` does not tell when the request has left: the safe assumption is that it has.
  let phase: Phase = 'response'
  try {
    const response = await send(url, {
      method,
      headers,
      // The type excludes bytes that are shared between threads; those of requests never are.
      body: body as string | Uint8Array<ArrayBuffer> | undefined,
      signal,
      redirect: 'manual',
      credentials: 'omit',
    })
    phase = 'body'
    const names = Object.fromEntries(response.headers)
    return { status: response.status, headers: names, body: await readBody(response, maxResponseBytes) }
  } catch (error) {
    if (error instanceof TransportFailure) throw error
    if (signal.aborted) throw new TransportFailure('aborted', phase, signal.reason)
    throw new TransportFailure('connection', wasNeverSent(error) ? 'connect' : phase, error)
  }
}

async function readBody(response: Response, maxResponseBytes: number): Promise<Uint8Array> {
  if (!response.body) return new Uint8Array(0)
  const chunks: Uint8Array[] = []
  let size = 0
  // Not `for await`: Safari's streams cannot be iterated.
  const reader = response.body.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.length
    if (size > maxResponseBytes) {
      await reader.cancel()
      throw new TransportFailure('too_large', 'body')
    }
    chunks.push(next.value)
  }
  if (chunks.length === 1) return chunks[0]!
  const body = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    body.set(chunk, offset)
    offset += chunk.length
  }
  return body
}

const beforeSending: readonly unknown[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]

/** Node's `fetch` names the reason in the cause; browsers do not tell. */
function wasNeverSent(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause && beforeSending.includes(cause.code)
}
