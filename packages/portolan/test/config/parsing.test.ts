import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseDotenv } from '../../src/config/dotenv.ts'
import { JsonError, parseLocatedJson } from '../../src/config/located-json.ts'

test('.env: names, comments, quotes, escapes, several lines', () => {
  const { entries, mistakes } = parseDotenv(
    [
      '\uFEFFA=1',
      'export B = two words # comment',
      '',
      '# comment',
      'C=with#hash',
      "D='literal \\n # kept'",
      'E="escaped \\n \\"quoted\\" \\$"  # comment',
      'F="first',
      'second"',
      'G=',
      'H=#fff',
      'I= # nothing',
      'J=`it\'s "so"`',
    ].join('\r\n'),
  )
  assert.deepEqual(mistakes, [])
  assert.deepEqual(
    entries.map(({ name, value, line }) => [name, value, line]),
    [
      ['A', '1', 1],
      ['B', 'two words', 2],
      ['C', 'with#hash', 5],
      ['D', 'literal \\n # kept', 6],
      ['E', 'escaped \n "quoted" $', 7],
      ['F', 'first\nsecond', 8],
      ['G', '', 10],
      ['H', '#fff', 11],
      ['I', '', 12],
      ['J', 'it\'s "so"', 13],
    ],
  )
})

test('.env: mistakes have their line, and the rest is still read', () => {
  const { entries, mistakes } = parseDotenv('A=1\nnonsense\n1B=2\nC="a" b\nD="open\nE=5')
  assert.deepEqual(
    entries.map(({ name }) => name),
    ['A', 'E'],
  )
  assert.deepEqual(
    mistakes.map(({ line }) => line),
    [2, 3, 4, 5],
  )
})

test('.env: any value in single or double quotes comes back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const value = text.replace(/[\r\n']/g, '')
      const escaped = value.replace(/[\\"$]/g, '\\$&')
      const { entries } = parseDotenv(`A='${value}'\nB="${escaped}"`)
      assert.deepEqual(
        entries.map(entry => entry.value),
        [value, value],
      )
    }),
  )
})

test('JSON: agrees with the platform on every valid text', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(0, 2), (text, indent) => {
      const pretty = JSON.stringify(JSON.parse(text), null, indent)
      assert.deepEqual(parseLocatedJson(pretty).value, JSON.parse(pretty))
    }),
  )
})

test('JSON: refuses every text that the platform refuses', () => {
  const alphabet = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '1',
    'true',
    ' ',
    '-',
    '"',
    '\n',
    '01',
    '\\',
  )
  fc.assert(
    fc.property(fc.array(alphabet, { maxLength: 8 }), parts => {
      const text = parts.join('')
      let valid = true
      try {
        JSON.parse(text)
      } catch {
        valid = false
      }
      if (valid) parseLocatedJson(text)
      else assert.throws(() => parseLocatedJson(text), JsonError)
    }),
    { numRuns: 2000 },
  )
})

test('JSON: every value has its line, and a name that is there twice is refused', () => {
  const { lineOf } = parseLocatedJson('{\n"a": 1,\n"b": {\n  "c": [1,\n 2] }\n}')
  assert.deepEqual([lineOf([]), lineOf(['a']), lineOf(['b', 'c']), lineOf(['b', 'c', 1])], [1, 2, 4, 5])
  assert.throws(() => parseLocatedJson('{"a":1,\n"a":2}'), { message: "'a' is there twice", line: 2 })
  assert.equal(Object.getPrototypeOf(parseLocatedJson('{"__proto__":{"x":1}}').value), Object.prototype)
})
