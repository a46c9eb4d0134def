import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import type { Clock } from 'portolan'
import { InfrastructureError } from 'portolan'
import { createLogger, lineDriver, memoryLogger, openLogger, sensitiveFields } from 'portolan/observability'
import { systemClock } from 'portolan/runtime'

/** A destination that keeps what is written. */
function capture() {
  let text = ''
  return {
    write(part: string) {
      text += part
    },
    text: () => text,
  }
}

const clock: Clock = { ...systemClock, now: () => Date.UTC(2010, 11, 1, 8, 26, 0, 120) }

test('JSON lines have level, ISO time, fields and message', async () => {
  const destination = capture()
  const logger = await openLogger('pino:', { destination, clock, fields: { service: 'shop' } })
  logger.warn('stock low', { sku: 'A1', left: 2 })
  assert.equal(
    destination.text(),
    '{"level":"warn","time":"2010-12-01T08:26:00.120Z","service":"shop","sku":"A1","left":2,"message":"stock low"}\n',
  )
})

test('on a terminal, lines are for people, with colours where it has them', async () => {
  const destination = { isTTY: true, hasColors: () => true, ...capture() }
  const logger = await openLogger('pino:', { destination, clock })
  logger.info('started', { address: 'http://localhost:3000', note: 'two words' })
  const coloured = destination.text().replaceAll('\u001B[', '<')
  assert.match(
    coloured,
    /<32mINFO <0m started {2}<90maddress=<0mhttp:\/\/localhost:3000 <90mnote=<0m"two words"\n$/,
  )
  createLogger(lineDriver(destination, 'never'), { clock }).info('plain')
  assert.match(destination.text(), /\n\d\d:\d\d:00\.120 INFO {2}plain\n$/)
})

test('the URL decides the driver; what it does not know is refused', async () => {
  const destination = capture()
  const logger = await openLogger('pino:?format=line', { destination, clock })
  logger.info('plain')
  assert.match(destination.text(), / INFO {2}plain\n$/)
  for (const url of ['winston:', 'pino:?fromat=json', 'pino:?format=xml', 'console:?format=json', ''])
    await assert.rejects(openLogger(url), { code: 'invalid_argument', message: /Use pino:/ })
})

test('an error shows its stack and causes below the line', () => {
  const destination = capture()
  const logger = createLogger(lineDriver(destination), { clock })
  const cause = new Error('refused')
  logger.error('failed', {
    orderId: 7,
    error: new InfrastructureError('unavailable', 'No answer.', { cause }),
  })
  const text = destination.text()
  assert.match(
    text,
    /failed {2}orderId=7\n {4}InfrastructureError: No answer\. \(code=unavailable\)\n {8}at /,
  )
  assert.match(text, /\n {4}caused by: Error: refused\n {8}at /)
})

test('records carry the current trace', async () => {
  const manager = new AsyncLocalStorageContextManager().enable()
  context.setGlobalContextManager(manager)
  try {
    const logger = memoryLogger()
    const traceId = 'a'.repeat(32)
    const spanId = 'b'.repeat(16)
    const span = trace.wrapSpanContext({ traceId, spanId, traceFlags: 1 })
    context.with(trace.setSpan(context.active(), span), () => logger.info('inside'))
    logger.info('outside')
    assert.deepEqual(
      logger.records.map(({ fields }) => fields),
      [{ trace_id: traceId, span_id: spanId }, {}],
    )
  } finally {
    context.disable()
  }
})

test('values keep their meaning', () => {
  const logger = memoryLogger()
  logger.info('values', {
    date: new Date(0),
    big: 10n ** 20n,
    infinite: Number.POSITIVE_INFINITY,
    list: [undefined, null, 1],
    set: new Set(['a']),
    bytes: new Uint8Array(3),
    none: undefined,
    shared: [clockless, clockless],
    level: 'kept under another name',
  })
  assert.deepEqual(logger.records[0]?.fields, {
    date: '1970-01-01T00:00:00.000Z',
    big: '100000000000000000000',
    infinite: 'Infinity',
    list: [null, null, 1],
    set: ['a'],
    bytes: '[3 bytes]',
    shared: [{ same: true }, { same: true }],
    level_: 'kept under another name',
  })
})

const clockless = { same: true }

test('foreign errors are written without their own properties, where drivers keep rows and parameters', () => {
  const logger = memoryLogger()
  const error = Object.assign(new Error('duplicate'), { code: '23505', parameters: ['jane@example.org'] })
  logger.error('failed', { error })
  assert.deepEqual(Object.keys(logger.records[0]?.fields.error as object), [
    'name',
    'code',
    'message',
    'stack',
  ])
})

test('the documented sensitive names are redacted in all spellings', () => {
  const logger = memoryLogger()
  for (const name of sensitiveFields) {
    const spellings = [
      name,
      name.toUpperCase(),
      `customer_${name}`,
      `${name}${name.endsWith('s') ? 'es' : 's'}`,
      name.replace(/[A-Z]/g, '-$&'),
    ]
    logger.info('x', Object.fromEntries(spellings.map(spelling => [spelling, 'value'])))
  }
  for (const { fields } of logger.records)
    for (const [name, value] of Object.entries(fields)) assert.equal(value, '[redacted]', name)
  logger.info('x', { tokenCount: 1, orderId: 2 })
  assert.deepEqual(logger.records.at(-1)?.fields, { tokenCount: 1, orderId: 2 })
})

test('a driver that throws harms nobody', () => {
  const logger = createLogger({
    write() {
      throw new Error('disk full')
    },
  })
  logger.error('lost')
})

test('by default, JSON goes to stderr, everything before the process exits', () => {
  const script = `
    import { openLogger } from 'portolan/observability'
    const logger = await openLogger()
    for (let i = 0; i < 500; i++) logger.info('line', { i })
    process.exit(3)`
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--conditions=source', '--input-type=module', '--eval', script],
    { encoding: 'utf8', cwd: import.meta.dirname },
  )
  assert.equal(status, 3)
  assert.equal(stdout, '')
  const lines = stderr.trimEnd().split('\n')
  assert.equal(lines.length, 500)
  assert.equal(JSON.parse(lines[499]!).i, 499)
})
