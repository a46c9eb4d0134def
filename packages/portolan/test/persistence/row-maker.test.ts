import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { suite, test } from 'node:test'
import { partMaker, rowMaker, rowReader } from '../../src/persistence/row-maker.ts'

suite('rows of arrays', () => {
  test('names of columns stay data, whatever they hold', () => {
    const names = [
      'id',
      'two words',
      "it's",
      'a"b',
      'back\\slash',
      'new\nline',
      '\u2028',
      '``',
      '}',
      'constructor',
    ]
    const row = rowMaker(names)(names.map((_, i) => i))
    assert.deepEqual(
      Object.entries(row),
      names.map((name, i) => [name, i]),
    )
  })

  test('a column called __proto__ is one like any other', () => {
    const row = rowMaker(['id', '__proto__'])([1, null])
    assert.deepEqual(Object.keys(row), ['id', '__proto__'])
    assert.equal(Object.getPrototypeOf(row), Object.prototype)
  })

  test('of two columns with the same name, the last one counts', () => {
    assert.deepEqual(rowMaker(['id', 'name', 'id'])([1, 'a', 2]), { id: 2, name: 'a' })
  })

  test('a part of a row has its values under other names, whatever those hold', () => {
    const part = partMaker(['id', '__proto__', 'a"b'], ['r0', 'it\'s "r1"', '__proto__'])
    const row = part(JSON.parse('{ "r0": 1, "it\'s \\"r1\\"": 2, "__proto__": 3, "c0": 4 }'))
    assert.deepEqual(Object.entries(row), [
      ['id', 1],
      ['__proto__', 2],
      ['a"b', 3],
    ])
  })

  test('texts are read one by one, NULL is not read, and what has no reader stays text', () => {
    const row = rowReader(['id', '__proto__', 'note'], [Number, text => BigInt(text), undefined])
    assert.deepEqual(Object.entries(row(['1', '2', '3'])), [
      ['id', 1],
      ['__proto__', 2n],
      ['note', '3'],
    ])
    assert.deepEqual(Object.values(row([null, null, null])), [null, null, null])
  })

  test('where no code may be generated, rows are the same', () => {
    const module = import.meta.resolve('../../src/persistence/row-maker.ts')
    const script = `import { partMaker, rowMaker, rowReader } from ${JSON.stringify(module)}
      const row = rowMaker(['id', '__proto__'])([1, 'a'])
      const part = partMaker(['id'], ['r0'])({ r0: 2, c0: 3 })
      const read = rowReader(['id', 'note', 'gone'], [Number, undefined, Number])(['3', '4', null])
      console.log(JSON.stringify([row, part, read]))`
    const told = execFileSync(
      process.execPath,
      ['--disallow-code-generation-from-strings', '--input-type=module', '-e', script],
      { encoding: 'utf8' },
    )
    assert.equal(told.trim(), '[{"id":1,"__proto__":"a"},{"id":2},{"id":3,"note":"4","gone":null}]')
  })
})
