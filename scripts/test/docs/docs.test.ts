import assert from 'node:assert/strict'
import { test } from 'node:test'
import { examplesInMarkdown } from './markdown.ts'
import { examplesInSource } from './tsdoc.ts'

const page = (...lines: string[]) => lines.join('\n')

test('a ts block is a module on the lines of its page', () => {
  const [example, ...more] = examplesInMarkdown(
    'a.md',
    page('# Title', '```ts', 'one()', '```', 'text', '```js', 'no()', '```'),
  )
  assert.deepEqual(example, { path: 'a.md', line: 3, code: '\n\none()\n', runs: false })
  assert.deepEqual(more, [])
})

test('a block that continues another belongs to its module', () => {
  const examples = examplesInMarkdown(
    'a.md',
    page('```ts run', 'one()', '```', '', '```ts continues', 'two()', '```', '```ts', 'three()', '```'),
  )
  assert.deepEqual(
    examples.map(({ code, runs }) => [code, runs]),
    [
      ['\none()\n\n\n\ntwo()\n', true],
      [`${'\n'.repeat(8)}three()\n`, false],
    ],
  )
})

test('a mark that means nothing is an error with its line', () => {
  assert.throws(
    () => examplesInMarkdown('a.md', page('', '```ts ignore', '```')),
    /a\.md:2: 'ts ignore' is none of/,
  )
  assert.throws(() => examplesInMarkdown('a.md', page('```ts continues', '```')), /no block before it/)
})

test('a complete @example is a module; a fragment is not', () => {
  const source = page(
    '/**',
    ' * Does it.',
    ' *',
    ' * @example',
    ` * import { it } from 'portolan'`,
    ' * it()',
    ' * @param x what',
    ' */',
    'export const a = 1',
    '/**',
    ' * @example',
    ' * it()',
    ' */',
  )
  assert.deepEqual(examplesInSource('a.ts', source), [
    { path: 'a.ts', line: 5, code: `\n\n\n\nimport { it } from 'portolan'\nit()\n`, runs: false },
  ])
})
