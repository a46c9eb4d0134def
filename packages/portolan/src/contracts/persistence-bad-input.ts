import assert from 'node:assert/strict'
import { mapping } from '../persistence/mapping.ts'
import { SqlRepository } from '../persistence/repository/sql-repository.ts'
import { failure } from './failure.ts'
import { Cart, CartRepository, type Line, tea } from './persistence-carts.ts'
import { type PersistenceCase, recorder, withTables } from './persistence-kit.ts'
import { type Sample, SampleRepository, sample } from './persistence-samples.ts'

const nul = 'nul\0'
const half = 'half \ud83d'
/** A character beyond 16 bits: two code units, one character for every engine. */
const rocket = '🚀'

/** What a repository cannot store is refused by name, and nothing is written. */
export const badInputCases: readonly PersistenceCase[] = [
  {
    name: 'a root that cannot be stored is refused with its table and column, and nothing is written',
    async run({ database }) {
      const repository = new SampleRepository(await withTables(database))
      await repository.save(sample(1))
      const bad: [column: keyof Sample, value: unknown][] = [
        ['id', 1.5],
        ['id', 2 ** 53],
        ['id', 'one'],
        ['flag', 'yes'],
        ['flag', undefined],
        ['at', new Date(Number.NaN)],
        ['at', new Date(8.64e15 + 1)],
        ['at', '2024-01-01'],
        ['tags', undefined],
        ['tags', 1n],
        ['big', 2n ** 63n],
        ['big', -(2n ** 63n) - 1n],
        ['big', 5],
        ['price', { units: 1n, scale: 2, currency: 'pounds' }],
        ['price', { units: 10n ** 50n, scale: 2, currency: 'GBP' }],
        ['ratio', Number.NaN],
        ['ratio', Number.POSITIVE_INFINITY],
        ['ratio', '0.1'],
        ['bytes', 'abc'],
        ['born', '2023-02-29'],
        ['born', '10000-01-01'],
        ['weight', '0.12345'],
        ['weight', '1e3'],
        ['token', nul],
        ['mood', 'other'],
        ['rank', 32_768],
        ['rank', -32_769],
        ['rank', 0.5],
        ['rank', '1'],
        ['rank', true],
        ['rank', {}],
      ]
      for (const [column, value] of bad) {
        const wrong = sample(2, { [column]: value })
        const told = { table: 'samples', column }
        const alone = await failure(repository.save(wrong))
        assert.equal(alone.code, 'invalid_argument', `${column}: ${String(value)}: ${alone.message}`)
        assert.deepEqual(alone.details, told)
        assert.match(alone.message, new RegExp(`^samples\\.${column}\\b`))
        const among = await failure(repository.saveMany([sample(3), wrong, sample(4)]))
        assert.deepEqual([among.code, among.details], ['invalid_argument', told])
        const inside = await failure(database.run(() => repository.save(wrong)))
        assert.deepEqual([inside.code, inside.details], ['invalid_argument', told])
      }
      assert.deepEqual(await database.query('SELECT id, revision FROM samples'), [{ id: 1, revision: 1 }])
    },
  },
  {
    name: 'text is measured in characters; what is longer than its column is refused, on every engine',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      recorder(database)
      const longest = rocket.repeat(100)
      await repository.save(Cart.open('c', longest))
      assert.equal((await repository.get('c')).customer, longest)
      for (const customer of [`${longest}x`, 'x'.repeat(101), 'x'.repeat(1_000_000), nul, half]) {
        const error = await failure(repository.save(Cart.open('d', customer)))
        assert.equal(error.code, 'invalid_argument')
        assert.deepEqual(error.details, { table: 'carts', column: 'customer' })
        assert.ok(error.message.length < 200, 'it quotes the value')
      }
      assert.equal(await repository.find('d'), undefined)
    },
  },
  {
    name: 'a child that cannot be stored keeps its root from being written',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      recorder(database)
      await repository.save(Cart.open('c').fill(tea))
      const bad: [column: keyof Line, value: unknown][] = [
        ['sku', 'x'.repeat(33)],
        ['sku', nul],
        ['sku', half],
        ['sku', 7],
        ['quantity', undefined],
        ['quantity', '1'],
        ['quantity', 1.5],
        ['quantity', new Uint8Array([1])],
      ]
      for (const [column, value] of bad) {
        const line = { ...tea, [column]: value } as Line
        for (const cart of [Cart.open('d').fill(line), (await repository.get('c')).fill(tea, line)]) {
          const error = await failure(repository.save(cart))
          assert.equal(error.code, 'invalid_argument', `${column}: ${error.message}`)
          assert.deepEqual(error.details, { table: 'cart_lines', column })
        }
      }
      assert.equal(await repository.find('d'), undefined)
      assert.deepEqual(await database.query('SELECT version FROM carts'), [{ version: 1 }])
    },
  },
  {
    name: 'an id that cannot be one is refused by name; one that is too long is nowhere',
    async run({ database }) {
      const carts = new CartRepository(await withTables(database))
      const samples = new SampleRepository(database)
      const wrong = (value: unknown) => value as never
      for (const id of [nul, half, undefined, 5, {}, true]) {
        for (const work of [() => carts.find(wrong(id)), () => carts.findMany(['c', wrong(id)])]) {
          const error = await failure(work())
          assert.equal(error.code, 'invalid_argument')
          assert.deepEqual(error.details, { table: 'carts', column: 'id' })
        }
      }
      for (const id of ['one', 1.5, Number.NaN, 2n ** 64n]) {
        const error = await failure(samples.find(wrong(id)))
        assert.deepEqual(
          [error.code, error.details],
          ['invalid_argument', { table: 'samples', column: 'id' }],
        )
      }
      assert.equal(await carts.find('x'.repeat(10_000)), undefined)
      assert.deepEqual(await carts.findMany(['x'.repeat(10_000), "' OR ''='"]), [])
    },
  },
  {
    name: 'a column that a migration widened or added since is used at once',
    async run({ database }) {
      await withTables(database)
      const widened = 'x'.repeat(300)
      const Notes = SqlRepository(
        mapping<{ memos: { id: string; note: string; extra?: string; version: number } }>()({
          table: 'memos',
          key: 'id',
          toRows: (memo: { id: string; note: string; extra?: string }) => ({
            root: memo as Required<typeof memo>,
          }),
          fromRows: ({ id, note }) => ({ id, note }),
        }),
      )
      const repository = new Notes(database)
      const make = (length: number, more = '') =>
        `create table memos (id varchar(32) not null primary key, note varchar(${length}) not null, ${more} version integer not null)`
      await database.execute(make(10))
      await repository.save({ id: 'a', note: 'short' })
      assert.equal((await failure(repository.save({ id: 'b', note: widened }))).code, 'invalid_argument')
      assert.equal(
        (await failure(repository.save({ id: 'b', note: '', extra: 'x' }))).code,
        'invalid_argument',
      )
      await database.execute('drop table memos')
      await database.execute(make(300, 'extra varchar(10),'))
      await repository.save({ id: 'b', note: widened, extra: 'x' })
      assert.deepEqual(await repository.get('b'), { id: 'b', note: widened })
    },
  },
  {
    name: 'names of tables and columns may look like SQL, and so may ids and values',
    async run({ database }) {
      const table = 'odd"; drop table carts; --'
      const column = "a 'b' `c` ? $1 \\"
      interface Tables {
        [table]: { select: string; [column]: string; version: number }
      }
      const quote = database.grammar.quote
      await withTables(database)
      await database.execute(
        `create table ${quote(table)} (${quote('select')} varchar(64) not null primary key, ` +
          `${quote(column)} varchar(64) not null, version integer not null)`,
      )
      class OddRepository extends SqlRepository(
        mapping<Tables>()({
          table,
          key: 'select',
          toRows: ([id, text]: [string, string]) => ({ root: { select: id, [column]: text } }),
          fromRows: (row): [string, string] => [row.select, row[column]],
        }),
      ) {
        all(after?: string) {
          return this.page({ by: [column], limit: 2, after })
        }
      }
      const repository = new OddRepository(database)
      const nasty = ["'; drop table carts; --", '"', '\\', '$1', '%', "' or 1=1"]
      const pairs = nasty.map((text, i): [string, string] => [text, `${i}${text}`])
      await repository.save(pairs[0]!)
      await repository.saveMany(pairs.slice(1))
      for (const [id, text] of pairs) assert.deepEqual(await repository.get(id), [id, text])
      const found = [...(await repository.all()).items]
      for (let { next } = await repository.all(); next; ) {
        const page = await repository.all(next)
        found.push(...page.items)
        next = page.next
      }
      assert.deepEqual(found, pairs)
      const changed = (await repository.findMany(nasty.slice(0, 2))).map(pair => {
        pair[1] += '!'
        return pair
      })
      await repository.saveMany(changed)
      await repository.deleteMany(found.slice(2))
      assert.equal((await repository.all()).items.length, 2)
      assert.deepEqual(await database.query('SELECT id FROM carts'), [])
    },
  },
]
