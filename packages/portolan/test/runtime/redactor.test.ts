import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { createRedactor, Redacted, withoutCredentials } from 'portolan/runtime'

test('a redacted value shows in no way but reveal', () => {
  const secret = new Redacted('canary')
  const shown = [
    `${secret}`,
    String(secret),
    JSON.stringify({ secret }),
    inspect(secret, { showHidden: true }),
  ]
  assert.ok(!shown.join().includes('canary'))
  assert.equal(secret.reveal(), 'canary')
})

test('a redactor takes out every form of what it knows, the longest first', () => {
  const redactor = createRedactor()
  redactor.add('hunter')
  redactor.add(new Redacted('hunter-two'))
  redactor.add('postgres://shop:p%40ss-word@db/shop')
  redactor.add('abc')
  assert.equal(redactor.text('hunter-two hunter'), '[redacted] [redacted]')
  assert.equal(redactor.text('login with p@ss-word, p%40ss-word'), 'login with [redacted], [redacted]')
  assert.equal(
    redactor.text('abc is too short to be told from a word'),
    'abc is too short to be told from a word',
  )
})

test('no secret survives, whatever surrounds it', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 4 }), fc.string(), fc.string(), (secret, before, behind) => {
      // A secret that is part of the replacement is there by right.
      fc.pre(!'[redacted]'.includes(secret) && !secret.includes('[') && !secret.includes(']'))
      const redactor = createRedactor()
      redactor.add(secret)
      assert.ok(!redactor.text(`${before}${secret}${behind}`).includes(secret))
    }),
  )
})

test('the credentials of URLs go; the rest stays', () => {
  for (const [text, clean] of [
    ['see postgres://u:p@h/db', 'see postgres://[redacted]@h/db'],
    ['redis://:p/with@signs@h', 'redis://[redacted]@h'],
    ['https://x/?page=2&access_token=abc&q=1', 'https://x/?page=2&access_token=[redacted]&q=1'],
    ['mail jane@example.org about a=b', 'mail jane@example.org about a=b'],
  ] as const)
    assert.equal(withoutCredentials(text), clean)
})
