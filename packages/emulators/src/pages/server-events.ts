import type { FastifyReply } from 'fastify'
import type { Clock } from 'portolan'

export interface EventStream {
  /** Sent as JSON. */
  send(event: string, data: unknown): void
}

/** A reader that is this far behind is cut off: its browser connects again and loads what it missed. */
const maximumBehindBytes = 1_000_000

/** Server-sent events on a reply; `subscribe` gets the stream and returns what ends its subscriptions. */
export function streamEvents(
  reply: FastifyReply,
  clock: Clock,
  subscribe: (stream: EventStream) => () => void,
): void {
  const { raw } = reply
  reply.hijack()
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  const write = (text: string) => {
    if (raw.writableLength > maximumBehindBytes) raw.destroy()
    else raw.write(text)
  }
  write('retry: 1000\n\n')
  const end = subscribe({
    send: (event, data) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
  })
  // Keeps the connection and finds readers that are gone.
  let beat = clock.timer(15_000, onBeat)
  function onBeat(): void {
    write(':\n\n')
    beat = clock.timer(15_000, onBeat)
  }
  raw.on('close', () => {
    beat.cancel()
    end()
  })
}

/** Calls `action` at most once in `everyMs`, soon after it was asked for. */
export function coalesce(clock: Clock, everyMs: number, action: () => void): () => void {
  let waiting = false
  return () => {
    if (waiting) return
    waiting = true
    clock.timer(everyMs, () => {
      waiting = false
      action()
    })
  }
}
