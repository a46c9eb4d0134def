import assert from 'node:assert/strict'
import { failure } from './failure.ts'
import { type Attachment, Document, DocumentRepository, type Tag } from './persistence-documents.ts'
import { type PersistenceCase, withTables } from './persistence-kit.ts'

const law: Tag = { name: 'law', shade: 'light' }
const darkLaw: Tag = { name: 'law', shade: 'dark' }
const tax: Tag = { name: 'tax', shade: 'dark' }
const scan: Attachment = { code: 'scan', size: 10 }
const photo: Attachment = { code: 'photo', size: 20 }

/** Several collections of one aggregate, value objects among them. */
export const childrenCases: readonly PersistenceCase[] = [
  {
    name: 'several collections change together, each by its own key, and an identity may be a value object',
    async run({ database }) {
      const repository = new DocumentRepository(await withTables(database))
      await repository.save(new Document('d', 'draft').tag(law, darkLaw).attach(scan, photo))
      const steps: [change: (document: Document) => Document, tags: Tag[], attachments: Attachment[]][] = [
        [document => document, [law, darkLaw], [photo, scan]],
        [document => document.tag(tax, darkLaw), [tax, darkLaw], [photo, scan]],
        [document => document.tag(darkLaw, tax, law), [darkLaw, tax, law], [photo, scan]],
        [
          document => document.attach({ ...scan, size: 2 ** 40 }),
          [darkLaw, tax, law],
          [photo, { ...scan, size: 2 ** 40 }],
        ],
        [document => document.tag(), [], [photo, { ...scan, size: 2 ** 40 }]],
        [document => document.detachAll(), [], []],
        [document => document.tag(law).attach(photo), [law], [photo]],
      ]
      for (const [change, tags, attachments] of steps) {
        await repository.save(change((await repository.byId('d'))!))
        const found = (await repository.byId('d'))!
        assert.deepEqual(found.tags, tags)
        assert.deepEqual(found.attachments, attachments)
      }
      // The first step changed nothing.
      assert.deepEqual(await database.query('SELECT version FROM documents'), [{ version: steps.length }])
    },
  },
  {
    name: 'collections that are empty come back empty, alone and among others',
    async run({ database }) {
      const repository = new DocumentRepository(await withTables(database))
      await repository.saveMany([
        new Document('a', 'a'),
        new Document('b', 'b').tag(law),
        new Document('c', 'c').attach(scan),
      ])
      const found = await repository.all()
      assert.deepEqual(
        found.map(({ tags, attachments }) => [tags, attachments]),
        [
          [[], []],
          [[law], []],
          [[], [scan]],
        ],
      )
      assert.deepEqual((await repository.byId('a'))?.tags, [])
    },
  },
  {
    name: 'a child moves between roots that are saved at once; otherwise the one that it leaves goes first',
    async run({ database }) {
      const repository = new DocumentRepository(await withTables(database))
      const [from, to] = [new Document('from', 'from').attach(scan, photo), new Document('to', 'to')]
      await repository.saveMany([from, to])
      to.attach(from.detach('scan'))
      // The one that it moves to is named first, so its rows would be written first.
      await repository.saveMany([to, from])
      assert.deepEqual((await repository.byId('to'))?.attachments, [scan])
      assert.deepEqual((await repository.byId('from'))?.attachments, [photo])

      to.attach(photo)
      assert.equal((await failure(repository.save(to))).code, 'already_exists')
      assert.deepEqual((await repository.byId('from'))?.attachments, [photo])
      from.detach('photo')
      await repository.save(from)
      await repository.save(to)
      assert.deepEqual((await repository.byId('to'))?.attachments, [photo, scan])
      assert.deepEqual((await repository.byId('from'))?.attachments, [])
    },
  },
  {
    name: 'a child that changed or vanished behind its root is a conflict, not a loss',
    async run({ database }) {
      const repository = new DocumentRepository(await withTables(database))
      await repository.save(new Document('d', 'draft').attach(scan))
      const found = (await repository.byId('d'))!
      await database.execute('DELETE FROM attachments')
      const error = await failure(repository.save(found.attach({ ...scan, size: 1 })))
      assert.equal(error.code, 'conflict')
      assert.deepEqual(await database.query('SELECT version FROM documents'), [{ version: 1 }])
    },
  },
]
