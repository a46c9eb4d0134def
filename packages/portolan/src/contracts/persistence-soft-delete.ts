import assert from 'node:assert/strict'
import { failure } from './failure.ts'
import { Document, DocumentRepository } from './persistence-documents.ts'
import { type PersistenceCase, withTables } from './persistence-kit.ts'

const deleted = { includeDeleted: true }

/** Soft delete: rows that are kept, and that nobody sees who does not ask for them. */
export const softDeleteCases: readonly PersistenceCase[] = [
  {
    name: 'what is deleted softly is kept with its children, and only those see it who ask for it',
    async run({ database }) {
      const repository = new DocumentRepository(await withTables(database))
      const tags = [{ name: 'law', shade: 'dark' }] as const
      const [gone, kept] = [new Document('gone', 'b').tag(...tags), new Document('kept', 'a')]
      await repository.saveMany([gone, kept, new Document('other', 'c')])
      await repository.delete(gone)
      assert.equal(await repository.byId('gone'), undefined)
      assert.equal((await failure(repository.get(gone.id))).code, 'not_found')
      assert.equal(await repository.titled('b'), undefined)
      assert.deepEqual(ids(await repository.findMany([gone.id, kept.id])), ['kept'])
      assert.deepEqual(ids(await repository.all()), ['kept', 'other'])
      assert.deepEqual(ids((await repository.listed(5)).items), ['kept', 'other'])
      assert.deepEqual(ids(await Array.fromAsync(repository.each())), ['kept', 'other'])
      const found = await repository.byId('gone', deleted)
      assert.deepEqual(found?.tags, tags)
      assert.equal(typeof found?.history?.deletedAt, 'number')
      assert.equal((await repository.titled('b', deleted))?.id.text, 'gone')
      assert.deepEqual(ids(await repository.findMany([gone.id, kept.id], deleted)).sort(), ['gone', 'kept'])
      assert.deepEqual(ids(await repository.all(deleted)), ['kept', 'gone', 'other'])
      const first = await repository.listed(2, undefined, deleted)
      assert.deepEqual(ids(first.items), ['kept', 'gone'])
      assert.deepEqual(ids((await repository.listed(2, first.next, deleted)).items), ['other'])
      assert.deepEqual(ids(await Array.fromAsync(repository.each(deleted))), ['kept', 'gone', 'other'])
    },
  },
  {
    name: 'deleting softly and restoring raise the version, and lose against who was quicker',
    async run({ database }) {
      const [mine, theirs] = [
        new DocumentRepository(await withTables(database)),
        new DocumentRepository(database),
      ]
      await mine.save(new Document('d', 'draft'))
      const [first, second, third] = [
        (await mine.byId('d'))!,
        (await theirs.byId('d'))!,
        (await theirs.byId('d'))!,
      ]
      await mine.delete(first)
      assert.equal((await failure(theirs.save(second.rename('x')))).code, 'conflict')
      assert.equal((await failure(theirs.delete(third))).code, 'conflict')
      const [one, other] = [(await mine.byId('d', deleted))!, (await theirs.byId('d', deleted))!]
      await mine.restore(one)
      assert.equal((await failure(theirs.restore(other))).code, 'conflict')
      assert.equal((await mine.byId('d'))?.history?.deletedAt, null)
      assert.deepEqual(await database.query('SELECT version FROM documents'), [{ version: 3 }])
      // The same object goes on, with the version that it has now.
      await mine.save(one.rename('final'))
      await mine.delete(one)
      await mine.restore(one)
      assert.equal((await mine.byId('d'))?.title, 'final')
    },
  },
  {
    name: 'what is deleted is neither saved nor deleted again; what is not cannot be restored',
    async run({ database }) {
      const repository = new DocumentRepository(await withTables(database))
      const document = new Document('d', 'draft')
      assert.equal((await failure(repository.restore(document))).code, 'precondition_failed')
      await repository.save(document)
      assert.equal((await failure(repository.restore(document))).code, 'precondition_failed')
      await repository.delete(document)
      for (const found of [document, (await repository.byId('d', deleted))!]) {
        assert.equal((await failure(repository.save(found.rename('other')))).code, 'precondition_failed')
        assert.equal((await failure(repository.delete(found))).code, 'precondition_failed')
      }
      assert.deepEqual(await database.query('SELECT title, version FROM documents'), [
        { title: 'draft', version: 2 },
      ])
    },
  },
  {
    name: 'what is purged is gone for good, deleted before or not',
    async run({ database }) {
      const repository = new DocumentRepository(await withTables(database))
      const [first, second] = [new Document('a', 'a').attach({ code: 'x', size: 1 }), new Document('b', 'b')]
      await repository.saveMany([first, second])
      await repository.delete(first)
      await repository.purge(first)
      await repository.purge(second)
      for (const table of ['documents', 'attachments']) {
        assert.deepEqual(await database.query(`SELECT 1 AS one FROM ${table}`), [])
      }
      await repository.save(first)
      assert.ok(await repository.byId('a'))
    },
  },
  {
    name: 'a unique value that a deleted row keeps is told as such',
    async run({ database }) {
      const repository = new DocumentRepository(await withTables(database))
      const [old, live] = [new Document('old', 'report'), new Document('live', 'letter')]
      await repository.saveMany([old, live])
      await repository.delete(old)
      const refused: [work: () => Promise<void>, columns: string[]][] = [
        [() => repository.save(new Document('new', 'report')), ['title']],
        [() => repository.save(new Document('old', 'fresh')), ['id']],
        [() => repository.saveMany([new Document('n', 'n'), new Document('old', 'fresh')]), ['id']],
        [async () => repository.save((await repository.byId('live'))!.rename('report')), ['title']],
      ]
      for (const [work, columns] of refused) {
        for (const error of [await failure(work()), await failure(database.run(work))]) {
          assert.equal(error.code, 'already_exists')
          assert.equal(error.details.deleted, true)
          assert.deepEqual(error.details.columns, columns)
          assert.match(error.message, /restore/)
        }
      }
      const taken = await failure(repository.save(new Document('new', 'letter')))
      assert.equal(taken.code, 'already_exists')
      assert.equal(taken.details.deleted, undefined)
      await repository.purge((await repository.titled('report', deleted))!)
      await repository.save(new Document('new', 'report'))
      assert.deepEqual(ids(await repository.all(deleted)), ['live', 'new'])
    },
  },
  {
    name: 'deleting softly is taken back with the unit of work',
    async run({ database }) {
      const repository = new DocumentRepository(await withTables(database))
      const document = new Document('d', 'draft')
      await repository.save(document)
      const outcome = database.run(async () => {
        await repository.delete(document)
        throw new Error('no')
      })
      await assert.rejects(outcome, /no/)
      await repository.save(document.rename('final'))
      assert.equal((await repository.byId('d'))?.title, 'final')
    },
  },
]

function ids(documents: readonly Document[]): string[] {
  return documents.map(({ id }) => id.text)
}
