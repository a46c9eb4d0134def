import assert from 'node:assert/strict'
import type { AdjustableLogger, LoggerOptions } from '../observability/logger.ts'
import { InfrastructureError } from '../ports/errors.ts'
import { Redacted } from '../runtime/redacted.ts'
import { createRedactor } from '../runtime/redactor.ts'
import { contract } from './contract.ts'

export interface LoggerHarness extends AsyncDisposable {
  open(options?: LoggerOptions): AdjustableLogger
  /** Everything that was written, as text. */
  output(): string | Promise<string>
}

const canary = 'canary-5eb1'

/** What every logger must do, whatever writes its records. */
export const loggerContract = contract<LoggerHarness>('logger', [
  {
    name: 'writes the message with the fields of the call and of its parents',
    async run({ open, output }) {
      open({ fields: { service: 'shop' } })
        .child({ orderId: 'o-1' })
        .child({ attempt: 3 })
        .info('paid', { amount: 12.5 })
      const text = await output()
      for (const part of ['paid', 'shop', 'o-1', '3', '12.5'])
        assert.ok(text.includes(part), `${part} is missing`)
    },
  },
  {
    name: 'writes at and above its level, which changes at run time for children too',
    async run({ open, output }) {
      const logger = open({ level: 'warn' })
      const child = logger.child({})
      child.info('first-info')
      child.warn('first-warn')
      logger.level = 'debug'
      child.debug('second-debug')
      child.trace('second-trace')
      logger.level = 'silent'
      child.error('third-error')
      assert.equal(logger.level, 'silent')
      const text = await output()
      assert.deepEqual(
        ['first-info', 'first-warn', 'second-debug', 'second-trace', 'third-error'].filter(part =>
          text.includes(part),
        ),
        ['first-warn', 'second-debug'],
      )
    },
  },
  {
    name: 'does not touch fields below its level',
    async run({ open }) {
      const fields = {
        get expensive(): never {
          throw new Error('it was read')
        },
      }
      open({ level: 'info' }).child(fields).debug('hidden', fields)
    },
  },
  {
    name: 'writes the code, stack and causes of an error',
    async run({ open, output }) {
      const native = Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' })
      const error = new InfrastructureError('unavailable', 'The broker does not answer.', {
        cause: native,
        details: { broker: 'amqp' },
      })
      open().error('publish failed', { error })
      const text = await output()
      for (const part of [
        'unavailable',
        'The broker does not answer.',
        'amqp',
        'connection refused',
        'ECONNREFUSED',
        'logger.ts',
      ])
        assert.ok(text.includes(part), `${part} is missing`)
    },
  },
  {
    name: 'never writes fields that are secret or personal by name, wherever they are',
    async run({ open, output }) {
      const logger = open({ redact: ['pin', 'customer.address'] })
      logger.child({ apiKey: canary, customer: { address: canary } }).info('bound', {
        password: canary,
        accessToken: canary,
        Authorization: canary,
        'set-cookie': [canary],
        customerPhone: canary,
        emails: [canary],
        pin: canary,
        nested: [{ deep: { client_secret: { value: canary } } }],
        error: new InfrastructureError('internal', 'x', { details: { token: canary } }),
        kept: 'kept',
        address: 'localhost',
      })
      const text = await output()
      assert.ok(!text.includes(canary))
      assert.ok(text.includes('kept') && text.includes('localhost'))
    },
  },
  {
    name: 'never writes a known secret, wherever it stands',
    async run({ open, output }) {
      const redactor = createRedactor()
      redactor.add(new Redacted(canary))
      const logger = open({ redactor, fields: { bound: `x ${canary}` } })
      const cause = new Error(`cannot log in with ${canary}`)
      logger.error(`the answer was ${canary}`, {
        plain: canary,
        list: [canary],
        [canary]: 1,
        secret: new Redacted(canary),
        odd: { reveal: () => canary, note: canary },
        address: new URL(`https://x.example/?q=${canary}`),
        map: new Map([['k', canary]]),
        error: new Error('failed', { cause }),
        json: { toJSON: () => ({ value: canary }) },
      })
      const text = await output()
      assert.ok(!text.includes(canary))
      assert.ok(text.includes('the answer was'))
    },
  },
  {
    name: 'never writes the credentials of a URL',
    async run({ open, output }) {
      open().info(`connected to postgres://shop:${canary}@db/shop`, {
        url: `https://x/?access_token=${canary}&page=2`,
      })
      const text = await output()
      assert.ok(!text.includes(canary))
      assert.ok(text.includes('page=2'))
    },
  },
  {
    name: 'never throws, and still writes: cycles, getters, big integers, proxies, anything',
    async run({ open, output }) {
      const circular: Record<string, unknown> = { id: 1n }
      circular.self = circular
      const trap = () => {
        throw new Error('trapped')
      }
      const hostile = {
        get broken() {
          return trap()
        },
        circular,
        proxy: new Proxy({}, { get: trap, ownKeys: trap, has: trap, getPrototypeOf: trap }),
        toJson: { toJSON: trap },
        symbol: Symbol('s'),
        call: trap,
        nothing: undefined,
        date: new Date(Number.NaN),
        bytes: new Uint8Array(1_000_000),
        long: 'l'.repeat(1_000_000),
        many: Array.from({ length: 100_000 }, (_, index) => ({ index })),
        deep: Array.from({ length: 1_000 }).reduce<unknown>(inner => ({ inner }), 'end'),
        level: 'mine',
        time: 'mine',
        message: 'mine',
        __proto__: null,
      }
      const logger = open()
      logger.info('hostile-1', hostile)
      logger.info('hostile-2', hostile.proxy)
      logger.child(hostile.proxy).info('hostile-3')
      logger.info('hostile-4', { error: Object.assign(new Error('e'), { cause: hostile.proxy }) })
      logger.info('hostile-5', null as never)
      const text = await output()
      assert.ok(text.length < 200_000, `wrote ${text.length} characters`)
      for (const part of ['hostile-1', 'hostile-4', 'hostile-5', '[circular]'])
        assert.ok(text.includes(part), `${part} is missing`)
    },
  },
  {
    name: 'one record is one line, whatever is in it',
    async run({ open, output }) {
      open().info('first\nsecond\u001B[31m', { text: 'third\r\nfourth' })
      const text = await output()
      assert.equal(text.trimEnd().split(/[\r\n]/).length, 1)
      assert.ok(!text.includes('\u001B[31m'))
    },
  },
])
