import type { HttpRequest, HttpResponse } from '../ports/http-client.ts'

/** How far a request had come. Until `request` begins, nothing of it has left this process. */
export type Phase = 'connect' | 'request' | 'response' | 'body'

/** What a driver must do: one request, and its whole answer. Nothing is retried, followed, decoded or logged here. */
export interface Transport {
  /** As in `undici`, for logs and errors. */
  readonly name: string
  /**
   * Resolves with an answer of any status. Rejects with a `TransportFailure`, at once when `request.signal` aborts, and as
   * soon as the body is known to be longer than `maxResponseBytes`; the connection is then not used again.
   */
  send(request: HttpRequest, maxResponseBytes: number): Promise<HttpResponse>
  /** Closes idle connections and waits for the others. Idempotent. */
  close(): Promise<void>
}

/** Why a transport has no answer: the one error that drivers raise. The portable part makes an `InfrastructureError` of it. */
export class TransportFailure extends Error {
  readonly reason: 'aborted' | 'connection' | 'too_large'
  readonly phase: Phase

  constructor(reason: TransportFailure['reason'], phase: Phase, cause?: unknown) {
    super(reason, { cause })
    this.name = 'TransportFailure'
    this.reason = reason
    this.phase = phase
  }
}
