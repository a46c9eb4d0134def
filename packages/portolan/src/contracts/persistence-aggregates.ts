import assert from 'node:assert/strict'
import { InfrastructureError } from '../ports/errors.ts'
import { failure } from './failure.ts'
import { Cart, CartRepository, type Line, milk, sugar, tea } from './persistence-carts.ts'
import { type PersistenceCase, recorder, withTables } from './persistence-kit.ts'

/** Aggregates: they come back as they were, with their children and their versions. */
export const aggregateCases: readonly PersistenceCase[] = [
  {
    name: 'an aggregate comes back as it was, with its children; an absent id is undefined',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      recorder(database)
      const cart = Cart.open('c').fill(tea, milk).annotate({ day: 1, author: 'ada', text: null })
      await repository.save(cart)
      const found = await repository.get('c')
      assert.ok(found instanceof Cart)
      assert.deepEqual(found.lines, [tea, milk])
      assert.deepEqual(found.notes, [{ day: 1, author: 'ada', text: null }])
      assert.deepEqual(found.openedAt, cart.openedAt)
      assert.equal(await repository.find('nobody'), undefined)
      const missing = await failure(repository.get("x' OR 1=1 --"))
      assert.equal(missing.code, 'not_found')
    },
  },
  {
    name: 'saving what has not changed writes nothing',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      recorder(database)
      await repository.save(Cart.open('c').fill(tea))
      const found = await repository.get('c')
      await repository.save(found)
      await repository.saveMany([found, found])
      assert.deepEqual(await database.query('SELECT version FROM carts'), [{ version: 1 }])
    },
  },
  {
    name: 'children are added, changed, removed and reordered; each change raises the version of the root',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      recorder(database)
      await repository.save(Cart.open('c').fill(tea, milk))
      const steps: Line[][] = [
        [tea, milk, sugar],
        [{ ...tea, quantity: 9 }, milk, sugar],
        [sugar, milk],
        [milk, sugar],
        [],
      ]
      for (const lines of steps) {
        await repository.save((await repository.get('c')).fill(...lines))
        assert.deepEqual((await repository.get('c')).lines, lines)
      }
      assert.deepEqual(await database.query('SELECT version FROM carts'), [{ version: 1 + steps.length }])
    },
  },
  {
    name: 'children whose key has several columns are told apart by all of them',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      recorder(database)
      const notes = [
        { day: 1, author: '2', text: 'a' },
        { day: 1, author: '23', text: 'b' },
        { day: 12, author: '3', text: null },
      ]
      await repository.save(Cart.open('c').annotate(...notes))
      const changed = [notes[0]!, { ...notes[2]!, text: 'c' }, { day: 12, author: '2', text: 'd' }]
      await repository.save((await repository.get('c')).annotate(...changed))
      const { notes: found } = await repository.get('c')
      assert.deepEqual(found, [changed[0], changed[2], changed[1]])
      const twice = Cart.open('d').annotate(notes[0]!, notes[0]!)
      assert.equal((await failure(repository.save(twice))).code, 'invalid_argument')
    },
  },
  {
    name: 'an id that is taken is already_exists',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      recorder(database)
      await repository.save(Cart.open('c').fill(tea))
      for (const taken of [Cart.open('c'), Cart.open('c').fill(tea)]) {
        assert.equal((await failure(repository.save(taken))).code, 'already_exists')
      }
      const many = repository.saveMany([Cart.open('d'), Cart.open('c')])
      assert.equal((await failure(many)).code, 'already_exists')
      assert.equal(await repository.find('d'), undefined)
      assert.deepEqual((await repository.get('c')).lines, [tea])
    },
  },
  {
    name: 'ids that look alike are different: letters, accents, spaces, and other spellings of the same character',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      recorder(database)
      const alike = ['a', 'A', 'ä', 'a\u0308', 'a ', ' a', 'ａ', 'ß', 'ss', 'a%', 'a_', '1', '01', '1.0']
      await repository.saveMany(alike.map((id, i) => Cart.open(id).fill({ sku: 'tea', quantity: i + 1 })))
      for (const [i, id] of alike.entries()) {
        const found = await repository.get(id)
        assert.deepEqual([found.id, found.lines], [id, [{ sku: 'tea', quantity: i + 1 }]])
      }
      assert.equal((await repository.findMany(alike)).length, alike.length)
      assert.equal(await repository.find('Ä'), undefined)
    },
  },
  {
    name: 'saving or deleting what somebody else changed is a conflict, and leaves nothing',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      recorder(database)
      await repository.saveMany([Cart.open('c').fill(tea), Cart.open('d')])
      const [mine, theirs] = [await repository.get('c'), await repository.get('c')]
      await repository.save(theirs.fill(milk))
      assert.equal((await failure(repository.save(mine.fill(sugar)))).code, 'conflict')
      assert.equal((await failure(repository.delete(mine))).code, 'conflict')
      const other = (await repository.get('d')).fill(sugar)
      assert.equal((await failure(repository.saveMany([other, mine]))).code, 'conflict')
      assert.deepEqual((await repository.get('c')).lines, [milk])
      assert.deepEqual((await repository.get('d')).lines, [])
    },
  },
  {
    name: 'of ten writers that loaded the same version, one wins',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      recorder(database)
      await repository.save(Cart.open('c'))
      const loaded = await Promise.all(Array.from({ length: 10 }, () => repository.get('c')))
      const outcomes = await Promise.allSettled(
        loaded.map((cart, i) => repository.save(cart.fill({ sku: 'tea', quantity: i + 1 }))),
      )
      const lost = outcomes.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason] : []))
      assert.equal(lost.length, 9)
      for (const error of lost) assert.ok(InfrastructureError.is(error, 'conflict'))
      const winner = outcomes.findIndex(({ status }) => status === 'fulfilled')
      assert.deepEqual((await repository.get('c')).lines, [{ sku: 'tea', quantity: winner + 1 }])
    },
  },
  {
    name: 'what is deleted is gone with its children; it can be saved anew',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      recorder(database)
      const cart = Cart.open('c').fill(tea).annotate({ day: 1, author: 'a', text: 'b' })
      assert.equal((await failure(repository.delete(cart))).code, 'precondition_failed')
      await repository.save(cart)
      await repository.delete(cart)
      for (const table of ['carts', 'cart_lines', 'cart_notes']) {
        assert.deepEqual(await database.query(`SELECT 1 AS one FROM ${table}`), [])
      }
      await repository.save(cart)
      assert.deepEqual((await repository.get('c')).lines, [tea])
    },
  },
  {
    name: 'queries of its own find aggregates with their children, and take values as data',
    async run({ database }) {
      const repository = new CartRepository(await withTables(database))
      recorder(database)
      assert.equal(await repository.of('ada'), undefined)
      await repository.saveMany([
        Cart.open('a', 'ada').fill(tea),
        Cart.open('b', 'ada').fill(milk),
        Cart.open('c', "o'hara").fill(sugar),
      ])
      assert.deepEqual((await repository.of("o'hara"))?.lines, [sugar])
      assert.equal(await repository.of("' OR 1=1 --"), undefined)
      const both = await repository.all('ada')
      assert.deepEqual(
        both.map(({ id, lines }) => [id, lines]),
        [
          ['a', [tea]],
          ['b', [milk]],
        ],
      )
      await repository.save(both[0]!.fill(sugar))
      assert.deepEqual((await repository.get('a')).lines, [sugar])
    },
  },
]
