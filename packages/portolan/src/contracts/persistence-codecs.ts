import assert from 'node:assert/strict'
import type { SqlValue } from '../persistence/sql-value.ts'
import { failure } from './failure.ts'
import { type PersistenceCase, withTables } from './persistence-kit.ts'
import { type Sample, SampleRepository, sample } from './persistence-samples.ts'

/** Codecs: values come back the same from every engine. */
export const codecCases: readonly PersistenceCase[] = [
  {
    name: 'every codec brings back what it was given',
    async run({ database }) {
      const repository = new SampleRepository(await withTables(database))
      const given = [
        sample(1),
        sample(2, { flag: false, big: 5n, price: { units: 7n, scale: 0, currency: 'JPY' }, maybe: 3n }),
        sample(3, { ratio: -2.5e-7, bytes: new Uint8Array(), tags: [], mood: 'cross', born: '0001-01-01' }),
        sample(4, { at: new Date(-1), price: { units: 0n, scale: 2, currency: 'EUR' }, weight: '0.0000' }),
        sample(5, { at: new Date(8.64e15), big: -(2n ** 63n), rank: -32_768, born: '9999-12-31' }),
        sample(6, { ratio: 1.7976931348623157e308, big: 2n ** 63n - 1n, rank: 32_767, weight: '-7.0001' }),
      ]
      await repository.save(given[0]!)
      await repository.saveMany(given.slice(1))
      for (const expected of given)
        assert.deepEqual(plain(await repository.get(expected.id)), plain(expected))
      const all = await repository.findMany([6, 5, 4, 3, 2, 1])
      assert.deepEqual(
        all.map(plain).sort((a, b) => a.id - b.id),
        given.map(plain),
      )
    },
  },
  {
    name: 'what has several spellings comes back in one of them',
    async run({ database }) {
      const repository = new SampleRepository(await withTables(database))
      const token = '0B8F7A52-6A0F-4C7E-9D53-1F2F3B4C5D6E'
      await repository.save(sample(1, { weight: '007.5', token }))
      const { weight, token: found } = await repository.get(1)
      assert.deepEqual([weight, found], ['7.5000', token.toLowerCase()])
    },
  },
  {
    name: 'what was loaded counts as unchanged, and bytes that were changed in place count as changed',
    async run({ database }) {
      const repository = new SampleRepository(await withTables(database))
      const revision = async () => (await database.query('SELECT revision FROM samples'))[0]
      await repository.save(sample(1))
      const found = await repository.get(1)
      await repository.save(found)
      assert.deepEqual(await revision(), { revision: 1 })
      found.bytes[0] = 7
      await repository.save(found)
      assert.deepEqual(await revision(), { revision: 2 })
      found.bytes[0] = 8
      await repository.save(found)
      assert.deepEqual([...(await repository.get(1)).bytes], [8, 1, 255])
    },
  },
  {
    name: 'what is stored and cannot be read is data_loss, with its table and column',
    async run({ database }) {
      const repository = new SampleRepository(await withTables(database))
      await repository.save(sample(1))
      const damage: [column: string, value: SqlValue][] = [
        ['tags', '{'],
        ['price', '12,50'],
        ['born', '2023-02-29'],
        ['weight', 'heavy'],
        ['token', 'none'],
        ['mood', 'odd'],
        ['at', 2n ** 62n],
      ]
      for (const [column, value] of damage) {
        const [before] = await database.query(`SELECT ${column} AS kept FROM samples`)
        await database.execute(`UPDATE samples SET ${column} = ?`, [value])
        const error = await failure(repository.get(1))
        assert.equal(error.code, 'data_loss')
        assert.deepEqual(error.details, { table: 'samples', column })
        await database.execute(`UPDATE samples SET ${column} = ?`, [before!.kept!])
      }
      assert.ok(await repository.find(1))
    },
  },
]

/** Without the classes that an engine may give its bytes. */
function plain({ bytes, ...rest }: Sample) {
  return { ...rest, bytes: [...bytes] as SqlValue[] }
}
