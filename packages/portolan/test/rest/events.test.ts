import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { eventFeed, events, type ServerEvent } from 'portolan/rest'
import { serve } from './harness.ts'

/** Reads a stream until `enough` is in it. */
async function readUntil(body: ReadableStream<Uint8Array>, enough: string): Promise<string> {
  let seen = ''
  const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader()
  while (!seen.includes(enough)) {
    const { value, done } = await reader.read()
    if (done) break
    seen += value
  }
  await reader.cancel()
  return seen
}

test('events are framed, whatever their data holds', async () => {
  async function* source(): AsyncGenerator<ServerEvent> {
    yield { event: 'order\nid: 9', data: { a: 'x\ny' }, id: '1' }
    yield { data: 'two\nlines\r\nthree' }
  }
  await using app = await serve(rest => {
    rest.page({ method: 'GET', path: '/events', handler: () => events(source(), { retry: '1s' }) })
  })
  const response = await app.fetch('/events')
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/)
  assert.equal(
    await response.text(),
    'retry: 1000\n\nevent: order id: 9\nid: 1\ndata: {"a":"x\\ny"}\n\ndata: two\ndata: lines\ndata: three\n\n',
  )
})

test('a feed reaches every listener, and one that comes back gets what it missed', async () => {
  const feed = eventFeed({ history: 3 })
  await using app = await serve(rest => {
    rest.page({ method: 'GET', path: '/events', handler: () => events(feed.subscribe) })
  })
  const listeners = await Promise.all([app.fetch('/events'), app.fetch('/events')])
  while (feed.subscribers < 2) await new Promise(resolve => setImmediate(resolve))
  feed.publish({ event: 'order', data: { number: 1 } })
  const [seen] = await Promise.all(listeners.map(({ body }) => readUntil(body!, '"number":1}')))
  const id = /id: (\S+)/.exec(seen!)?.[1]
  feed.publish({ data: 'second' })
  feed.publish({ data: 'third' })
  const back = await app.fetch('/events', { headers: { 'last-event-id': id! } })
  const missed = await readUntil(back.body!, 'third')
  assert.match(missed, /data: second/)
  assert.doesNotMatch(missed, /"number":1/)
  const stranger = await app.fetch('/events', { headers: { 'last-event-id': 'another-process-7' } })
  assert.match(await readUntil(stranger.body!, 'third'), /"number":1/)
  while (feed.subscribers > 0) await new Promise(resolve => setImmediate(resolve))
})

test('a stream that stays open keeps nothing of what it has sent', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage: () => void = runInNewContext('gc')
  let first: WeakRef<ServerEvent> | undefined
  function make(n: number): ServerEvent {
    const event = { data: { n } }
    first ??= new WeakRef(event)
    return event
  }
  async function* source(signal: AbortSignal): AsyncGenerator<ServerEvent> {
    for (let n = 0; n < 20; n++) yield make(n)
    await once(signal, 'abort')
  }
  await using app = await serve(rest => {
    rest.page({ method: 'GET', path: '/events', handler: () => events(({ signal }) => source(signal)) })
  })
  const { body } = await app.fetch('/events')
  const reader = body!.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader()
  for (let seen = ''; !seen.includes('{"n":19}'); ) seen += (await reader.read()).value
  // A reference that was looked at lives until the turn of the event loop is over.
  await new Promise(resolve => setImmediate(resolve))
  collectGarbage()
  assert.equal(first!.deref(), undefined)
  await reader.cancel()
})

test('heartbeats keep a silent stream open', async () => {
  const feed = eventFeed()
  await using app = await serve(rest => {
    rest.page({ method: 'GET', path: '/events', handler: () => events(feed.subscribe, { heartbeat: 5 }) })
  })
  const response = await app.fetch('/events')
  assert.match(await readUntil(response.body!, ':\n\n:\n\n'), /:\n\n:\n\n/)
})

test('a browser that reads nothing is cut off, and the source is told', async () => {
  const chunk = 'x'.repeat(256 * 1024)
  let sent = 0
  const ended = Promise.withResolvers<void>()
  async function* source(): AsyncGenerator<ServerEvent> {
    try {
      while (true) {
        sent += 1
        yield { data: chunk }
      }
    } finally {
      ended.resolve()
    }
  }
  await using app = await serve(rest => {
    rest.page({ method: 'GET', path: '/events', handler: () => events(source(), { patience: 30 }) })
  })
  const socket = connect(Number(new URL(app.rest.url).port), '127.0.0.1')
  await once(socket, 'connect')
  socket.pause()
  socket.write('GET /events HTTP/1.1\r\nhost: x\r\n\r\n')
  await ended.promise
  // What the sockets of both sides hold, and no more: the source waited for the reader.
  assert.ok(sent < 200, `${sent} chunks were taken`)
  socket.destroy()
})

test('a subscriber of a feed that falls behind is dropped after what it has', async () => {
  const feed = eventFeed({ backlog: 2 })
  const controller = new AbortController()
  const iterator = feed.subscribe({ signal: controller.signal })[Symbol.asyncIterator]()
  for (const data of ['a', 'b', 'c', 'd']) feed.publish({ data })
  assert.equal(feed.subscribers, 0)
  assert.equal((await iterator.next()).value?.data, 'a')
  assert.equal((await iterator.next()).value?.data, 'b')
  assert.equal((await iterator.next()).done, true)
})
