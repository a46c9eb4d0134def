import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { commandOf } from '../../src/application/chat/command.ts'

const typed = (body: string) => commandOf({ type: 'text', body })
const chosen = (id: string) => commandOf({ type: 'choice', id, title: '' })

/** Texts that are nearly commands, and any others. */
const saying = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .tuple(
      fc.constantFrom('search', 'add', 'remove', 'email', 'pay', 'cart', 'show', 'cancel', 'SEARCH', ' find'),
      fc.array(fc.oneof(fc.string(), fc.integer().map(String), fc.double().map(String), fc.constant('NaN'))),
      fc.constantFrom(' ', ':', '  ', '\n', '\u00a0', '::'),
    )
    .map(([verb, rest, separator]) => [verb, ...rest].join(separator)),
)

test('whatever is typed or tapped is a command whose parts can be relied upon', () => {
  fc.assert(
    fc.property(saying, fc.boolean(), (text, tap) => {
      const command = tap ? chosen(text) : typed(text)
      switch (command.kind) {
        case 'add':
          assert.ok(Number.isNaN(command.quantity) || Number.isSafeInteger(command.quantity))
          break
        case 'pay':
          assert.ok(Number.isNaN(command.revision) || Number.isSafeInteger(command.revision))
          break
        case 'search':
          assert.ok(Number.isNaN(command.offset) || Number.isSafeInteger(command.offset))
          break
        default:
          assert.match(command.kind, /^[a-z_]+$/)
      }
    }),
    { numRuns: 2_000 },
  )
})

test('a search asks for what was typed, shortened to what an answer can show', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300, size: 'max' }), words => {
      const command = typed(`search ${words}`)
      if (words.trim() === '') return assert.equal(command.kind, 'help')
      assert.ok(command.kind === 'search' && command.text.length <= 100)
      assert.ok(command.text.isWellFormed())
    }),
  )
})

for (const [text, expected] of [
  ['MENU', { kind: 'menu' }],
  ['  hi\n', { kind: 'menu' }],
  ['search  red   mug', { kind: 'search', text: 'red mug', offset: 0 }],
  ['add 85123a', { kind: 'add', sku: '85123A', quantity: 1 }],
  ['Add 85123a 2', { kind: 'add', sku: '85123A', quantity: 2 }],
  ['add 85123a 2 please', { kind: 'add', sku: '85123A', quantity: 2 }],
  ['add', { kind: 'help' }],
  ['add x 1e3', { kind: 'add', sku: 'X', quantity: Number.NaN }],
  ['add x ٣', { kind: 'add', sku: 'X', quantity: Number.NaN }],
  ['return 536365', { kind: 'return' }],
  ['menu please', { kind: 'not_understood' }],
  ['', { kind: 'not_understood' }],
] as const) {
  test(`"${text}" is understood`, () => assert.deepEqual(typed(text), expected))
}
