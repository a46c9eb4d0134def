import assert from 'node:assert/strict'
import type { Migration } from '../persistence/migrations.ts'
import { failure } from './failure.ts'
import { first, garden, second, states } from './persistence-garden.ts'
import type { PersistenceCase } from './persistence-kit.ts'

/** Migrations that do not fit what was applied, each other, or the engine. */
export const refusedMigrationCases: readonly PersistenceCase[] = [
  {
    name: 'an applied migration that was edited is refused',
    async run({ database }) {
      await database.migrate('garden', [first])
      const windows = { ...first, up: `${String(first.up).replaceAll('\n', '\r\n')}\r\n` }
      assert.deepEqual(await database.migrate('garden', [windows]), { applied: [], present: 1 })
      const edited = { ...first, up: `${String(first.up)}; create table more (id integer)` }
      const error = await failure(database.migrate('garden', [edited, second]))
      assert.equal(error.code, 'precondition_failed')
      assert.match(error.message, /0001-plants/)
      assert.deepEqual(await states(garden(database, [first, second])), [
        '0001-plants applied',
        '0002-heights pending',
      ])
    },
  },
  {
    name: 'edits of code are told by the checksum of its file, where both sides know it',
    async run({ database }) {
      const code = { name: '0001-code', up: async () => {}, checksum: 'file:1' }
      await database.migrate('garden', [code])
      assert.deepEqual(await database.migrate('garden', [{ ...code }]), { applied: [], present: 1 })
      const edited = await failure(database.migrate('garden', [{ ...code, checksum: 'file:2' }]))
      assert.equal(edited.code, 'precondition_failed')
      const { checksum: _, ...unknown } = code
      assert.deepEqual(await database.migrate('garden', [unknown]), { applied: [], present: 1 })
      const sql = await failure(database.migrate('garden', [{ ...unknown, up: 'select 1' }]))
      assert.equal(sql.code, 'precondition_failed')
    },
  },
  {
    name: 'a migration that sorts before an applied one is refused, and so is one that went missing',
    async run({ database }) {
      await database.migrate('garden', [first, second])
      const late = { name: '0001a-late', up: 'create table late (id integer)' }
      const outOfOrder = await failure(database.migrate('garden', [first, late, second]))
      assert.equal(outOfOrder.code, 'precondition_failed')
      assert.match(outOfOrder.message, /0001a-late/)
      const missing = await failure(database.migrate('garden', [first]))
      assert.equal(missing.code, 'precondition_failed')
      assert.match(missing.message, /0002-heights/)
    },
  },
  {
    name: 'names that cannot be told apart, or hold anything but letters and digits, are refused',
    async run({ database }) {
      const wrong: (readonly Migration[])[] = [
        [first, first],
        [first, { ...second, name: '0001-PLANTS' }],
        [{ ...first, name: "0001'; drop table plants" }],
        [{ ...first, name: '' }],
        [{ ...first, up: ' -- nothing' }],
        [{ ...first, down: '' }],
      ]
      for (const migrations of wrong)
        assert.equal((await failure(database.migrate('garden', migrations))).code, 'invalid_argument')
      for (const namespace of ['', 'Garden', 'a b', 'x'.repeat(101)])
        assert.equal((await failure(database.migrate(namespace, [first]))).code, 'invalid_argument')
    },
  },
  {
    name: 'a step for each engine; without one, the migration is refused',
    async run({ database }) {
      const own = { name: '0001-own', up: { [database.dialect]: 'create table own (id integer)' } }
      await database.migrate('garden', [own])
      assert.deepEqual(await database.query('SELECT id FROM own'), [])
      assert.equal(
        (await failure(database.migrate('shed', [{ name: '0001-none', up: {} }]))).code,
        'unsupported',
      )
    },
  },
]
