import type { HttpRequest, HttpResponse } from '../../ports/http-client.ts'
import type { Duration } from '../../ports/time.ts'
import { loadClient } from '../../runtime/clients.ts'
import { milliseconds } from '../../runtime/duration.ts'
import { type Phase, type Transport, TransportFailure } from '../driver.ts'

export interface UndiciOptions {
  /** Connections to an origin that are open at once, each kept for the next request. Default 128. */
  readonly connections?: number
  /** How long an unused connection is kept, unless the server says otherwise. Default `'30s'`. */
  readonly keepAlive?: Duration
  /** For making a connection. Default `'5s'`. */
  readonly connectTimeout?: Duration
  /** An `Agent`, `Pool` or other dispatcher of your own, which stays yours to close. */
  readonly dispatcher?: Dispatcher
}

/**
 * HTTP over undici, for Node. It speaks to undici's dispatcher directly: an answer is collected as it arrives, without a stream
 * for each, which is what makes it faster than `undici.request`.
 */
export function undiciTransport(options: UndiciOptions = {}): Transport {
  let opened: Promise<Dispatcher> | undefined
  let dispatcher = options.dispatcher
  let closing: Promise<void> | undefined

  async function open(): Promise<Dispatcher> {
    const { Agent } = await loadClient('undici', () => import('undici'))
    return new Agent({
      connections: options.connections ?? 128,
      keepAliveTimeout: milliseconds(options.keepAlive ?? '30s', 'keepAlive'),
      connectTimeout: milliseconds(options.connectTimeout ?? '5s', 'connectTimeout'),
      // The deadline of the call bounds every phase.
      headersTimeout: 0,
      bodyTimeout: 0,
    }) as unknown as Dispatcher
  }

  return {
    name: 'undici',
    async send(request, maxResponseBytes) {
      if (closing)
        throw new TransportFailure('connection', 'connect', new Error('The HTTP client is closed.'))
      if (!dispatcher) {
        opened ??= open()
        dispatcher = await opened
      }
      return exchange(dispatcher, request, maxResponseBytes)
    },
    close() {
      closing ??= options.dispatcher || !opened ? Promise.resolve() : opened.then(agent => agent.close())
      return closing
    },
  }
}

function exchange(
  dispatcher: Dispatcher,
  request: HttpRequest,
  maxResponseBytes: number,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const { url, signal } = request
    let phase: Phase = 'connect'
    let controller: DispatchController | undefined
    let failure: TransportFailure | undefined
    let status = 0
    let headers: Readonly<Record<string, string>> = {}
    let first: Uint8Array | undefined
    let more: Uint8Array[] | undefined
    let size = 0

    function fail(reason: TransportFailure['reason'], cause: unknown): void {
      if (failure) return
      failure = new TransportFailure(reason, phase, cause)
      signal.removeEventListener('abort', onAbort)
      reject(failure)
      controller?.abort(failure)
    }
    function onAbort(): void {
      fail('aborted', signal.reason)
    }

    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort)
    dispatcher.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method: request.method,
        headers: request.headers,
        body: request.body ?? null,
      },
      {
        onRequestStart(given) {
          // It waited for a connection until after it had failed.
          if (failure) return given.abort(failure)
          controller = given
          phase = request.body === undefined ? 'response' : 'request'
        },
        onRequestSent() {
          phase = 'response'
        },
        onResponseStart(_, statusCode, received) {
          if (statusCode < 200) return
          status = statusCode
          headers = joinHeaders(received)
          phase = 'body'
          if (Number(headers['content-length']) > maxResponseBytes && request.method !== 'HEAD')
            fail('too_large', undefined)
        },
        onResponseData(_, chunk) {
          size += chunk.length
          if (size > maxResponseBytes) return fail('too_large', undefined)
          if (!first) first = chunk
          else if (more) more.push(chunk)
          else more = [chunk]
        },
        onResponseEnd() {
          signal.removeEventListener('abort', onAbort)
          resolve({ status, headers, body: more ? joinChunks(first!, more, size) : (first ?? noBytes) })
        },
        onResponseError(_, error) {
          fail('connection', error)
        },
      },
    )
  })
}

const noBytes = new Uint8Array(0)

function joinChunks(first: Uint8Array, more: readonly Uint8Array[], size: number): Uint8Array {
  const body = new Uint8Array(size)
  body.set(first)
  let offset = first.length
  for (const chunk of more) {
    body.set(chunk, offset)
    offset += chunk.length
  }
  return body
}

function joinHeaders(received: ReceivedHeaders): Readonly<Record<string, string>> {
  for (const name in received) {
    const value = received[name]
    if (Array.isArray(value)) received[name] = value.join(', ')
  }
  return received as Record<string, string>
}

type ReceivedHeaders = Record<string, string | string[] | undefined>

/** What is used of undici, so that its types are not needed where it is not installed. */
export interface Dispatcher {
  dispatch(options: object, handler: DispatchHandler): boolean
  close(): Promise<void>
}

interface DispatchController {
  abort(reason: Error): void
}

interface DispatchHandler {
  onRequestStart(controller: DispatchController): void
  onRequestSent(): void
  onResponseStart(controller: DispatchController, status: number, headers: ReceivedHeaders): void
  onResponseData(controller: DispatchController, chunk: Uint8Array): void
  onResponseEnd(): void
  onResponseError(controller: DispatchController, error: Error): void
}
