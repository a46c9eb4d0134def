import assert from 'node:assert/strict'
import { systemClock } from '../runtime/clock.ts'
import { failure } from './failure.ts'
import { Document, DocumentRepository } from './persistence-documents.ts'
import { type PersistenceCase, withTables } from './persistence-kit.ts'

/** Audit columns: who created and changed a row, and when. */
export const auditCases: readonly PersistenceCase[] = [
  {
    name: 'the repository records who created and changed an aggregate, and when',
    async run({ database }) {
      let now = 1_000
      let actor: string | undefined = 'ada'
      const clock = { ...systemClock, now: () => now }
      const repository = new DocumentRepository(await withTables(database), { clock, actor: () => actor })
      const created = { createdAt: 1_000, createdBy: 'ada' }
      const history = async () => (await repository.byId('d', { includeDeleted: true }))!.history
      const document = new Document('d', 'draft')
      await repository.save(document)
      assert.deepEqual(await history(), { ...created, updatedAt: 1_000, updatedBy: 'ada', deletedAt: null })
      now = 2_000
      actor = 'bob'
      await repository.save(document.rename('final'))
      assert.deepEqual(await history(), { ...created, updatedAt: 2_000, updatedBy: 'bob', deletedAt: null })
      now = 3_000
      actor = undefined
      // A change of a child is one of the aggregate.
      await repository.save(document.tag({ name: 'law', shade: 'light' }))
      assert.deepEqual(await history(), { ...created, updatedAt: 3_000, updatedBy: null, deletedAt: null })
      now = 4_000
      actor = 'eve'
      await repository.save(document)
      assert.equal((await history())?.updatedAt, 3_000, 'nothing has changed')
      await repository.delete(document)
      assert.deepEqual(await history(), { ...created, updatedAt: 4_000, updatedBy: 'eve', deletedAt: 4_000 })
      now = 5_000
      await repository.restore(document)
      assert.deepEqual(await history(), { ...created, updatedAt: 5_000, updatedBy: 'eve', deletedAt: null })
    },
  },
  {
    name: 'many that are saved at once are stamped each as what it is, new or changed',
    async run({ database }) {
      let now = 1_000
      const clock = { ...systemClock, now: () => now }
      const repository = new DocumentRepository(await withTables(database), { clock, actor: () => 'ada' })
      const old = ['a', 'b', 'c'].map(id => new Document(id, id))
      await repository.saveMany(old)
      now = 2_000
      await repository.saveMany([
        ...old.map(document => document.rename(`${document.title}!`)),
        new Document('d', 'd'),
      ])
      const histories = (await repository.all()).map(({ history }) => [
        history?.createdAt,
        history?.updatedAt,
      ])
      assert.deepEqual(histories, [
        [1_000, 2_000],
        [1_000, 2_000],
        [1_000, 2_000],
        [2_000, 2_000],
      ])
    },
  },
  {
    name: 'an actor whose name does not fit is refused by column, and nothing is written',
    async run({ database }) {
      let actor = 'ada'
      const repository = new DocumentRepository(await withTables(database), { actor: () => actor })
      const document = new Document('d', 'draft')
      await repository.save(document)
      for (const name of ['x'.repeat(33), 'nul\0']) {
        actor = name
        const error = await failure(repository.save(document.rename(`${document.title}!`)))
        assert.equal(error.code, 'invalid_argument')
        assert.deepEqual(error.details, { table: 'documents', column: 'updated_by' })
        const fresh = await failure(repository.save(new Document('e', 'e')))
        assert.deepEqual(fresh.details, { table: 'documents', column: 'created_by' })
      }
      assert.deepEqual(await database.query('SELECT title, version FROM documents'), [
        { title: 'draft', version: 1 },
      ])
    },
  },
]
