import type { ServerResponse } from 'node:http'
import type { Duration } from '../ports/time.ts'
import { abortable } from '../runtime/abortable.ts'
import { milliseconds } from '../runtime/duration.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { Exchange } from './exchange.ts'

/** One event of a stream (WHATWG HTML §9.2). */
export interface ServerEvent {
  /** The name that the page listens for. Default `message`. */
  readonly event?: string
  /** Sent as it is when it is text, else as JSON. */
  readonly data: unknown
  /** What the browser sends back as `Last-Event-ID` after a break. */
  readonly id?: string
}

/** Where events come from. `signal` aborts when the browser left or the server drains. */
export type EventSource =
  | AsyncIterable<ServerEvent>
  | ((connection: {
      readonly signal: AbortSignal
      readonly lastEventId: string | undefined
    }) => AsyncIterable<ServerEvent>)

export interface EventsOptions {
  /** A comment is sent this often, so that proxies keep the connection. Default `15s`. */
  readonly heartbeat?: Duration
  /** How long the browser waits before it connects again. Default `2s`. */
  readonly retry?: Duration
  /** A reader that takes nothing for this long is cut off; its browser connects again. Default `30s`. */
  readonly patience?: Duration
}

/**
 * Writes events until the source ends, the other side leaves, or the exchange is aborted. The next event is asked for
 * only when the socket has taken the one before, so the memory of a connection stays flat.
 */
export async function streamEvents(
  response: ServerResponse,
  exchange: Exchange,
  source: EventSource,
  options: EventsOptions,
  { clock }: Pick<Surroundings, 'clock'>,
): Promise<void> {
  const heartbeatMs = milliseconds(options.heartbeat ?? '15s', 'heartbeat')
  const retryMs = milliseconds(options.retry ?? '2s', 'retry')
  const patienceMs = milliseconds(options.patience ?? '30s', 'patience')
  const { signal } = exchange
  const write = async (chunk: string): Promise<void> => {
    if (response.write(chunk)) return
    const drained = new Promise<void>(resolve => response.once('drain', resolve))
    const timer = clock.timer(patienceMs, () => response.destroy())
    await abortable(drained, signal).finally(() => timer.cancel())
  }

  let beat = clock.timer(heartbeatMs, onBeat)
  function onBeat(): void {
    // While a write waits for the socket, a heartbeat would only lengthen the queue.
    if (!response.writableNeedDrain) response.write(':\n\n')
    beat = clock.timer(heartbeatMs, onBeat)
  }

  const iterable =
    typeof source === 'function' ? source({ signal, lastEventId: exchange.header('last-event-id') }) : source
  const iterator = iterable[Symbol.asyncIterator]()
  try {
    await write(`retry: ${retryMs}\n\n`)
    while (!signal.aborted) {
      const item = await abortable(iterator.next(), signal)
      if (item.done) break
      await write(encodeEvent(item.value))
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    beat.cancel()
    // Not awaited: a generator that hangs in `next` answers `return` only after that.
    void Promise.resolve(iterator.return?.()).catch(() => {})
    response.end()
  }
}

/** @internal */
function encodeEvent({ event, data, id }: ServerEvent): string {
  const body = typeof data === 'string' ? data : JSON.stringify(data)
  let frame = ''
  if (event !== undefined) frame += `event: ${oneLine(event)}\n`
  if (id !== undefined) frame += `id: ${oneLine(id)}\n`
  for (const line of body.split(/\r\n|\r|\n/)) frame += `data: ${line}\n`
  return `${frame}\n`
}

function oneLine(value: string): string {
  return value.replace(/[\r\n\0]/g, ' ')
}
