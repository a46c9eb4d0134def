import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { InfrastructureError } from 'portolan'
import { memoryFiles } from 'portolan/files'
import { nameOf, relativeOf, segmentOf } from '../../src/files/drivers/local/names.ts'

const awkward = fc.constantFrom(
  '%',
  '%25',
  '.',
  '..',
  ' ',
  '%tmp',
  '%meta-',
  ':',
  '"',
  '\n',
  'é',
  'e\u0301',
  '😀',
  '/',
  'a',
  'A',
  '\u0085',
)
const segment = fc
  .array(
    fc.oneof(
      awkward.filter(part => part !== '/'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 5 }),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map(parts => parts.join(''))
  .filter(text => text !== '.' && text !== '..' && !/[/\\\0]/.test(text) && text.isWellFormed())

test('every segment has a name of its own, which leads back to it', () => {
  fc.assert(
    fc.property(segment, text => {
      const name = nameOf(text)
      assert.equal(segmentOf(name), text)
      assert.doesNotMatch(name, /[/\\<>:"|?*\p{Cc}]|[. ]$/u)
      assert.doesNotMatch(name, /%(?![0-9A-F]{2})/, 'a % without two digits is for the library’s own names')
      assert.ok(name !== '.' && name !== '..')
    }),
    { numRuns: 2000 },
  )
})

test('two segments never share a name', () => {
  fc.assert(
    fc.property(segment, segment, (left, right) => {
      assert.equal(nameOf(left) === nameOf(right), left === right)
    }),
    { numRuns: 2000 },
  )
})

test('a name from elsewhere is the one of its segment, or nobody’s', () => {
  fc.assert(
    fc.property(fc.array(awkward, { minLength: 1, maxLength: 6 }), parts => {
      const name = parts.join('').replaceAll('/', '')
      const text = segmentOf(name)
      assert.ok(text === undefined || nameOf(text) === name)
    }),
    { numRuns: 2000 },
  )
})

test('whatever is given as a path is refused, or stays below the root', async () => {
  const files = memoryFiles()
  const anything = fc.oneof(
    fc.array(awkward, { maxLength: 8 }).map(parts => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.webPath(),
    fc.string({ maxLength: 20 }),
  )
  await fc.assert(
    fc.asyncProperty(anything, async path => {
      try {
        await files.write(path, 'x')
      } catch (error) {
        assert.ok(InfrastructureError.is(error, 'invalid_argument'))
        return
      }
      const names = relativeOf(path).split('/')
      assert.ok(names.every(name => name !== '' && name !== '.' && name !== '..'))
      assert.equal(names.map(segmentOf).join('/'), path)
    }),
    { numRuns: 1000 },
  )
})
