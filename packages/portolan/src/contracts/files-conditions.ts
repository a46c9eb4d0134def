import assert from 'node:assert/strict'
import { InfrastructureError } from '../ports/errors.ts'
import { failure } from './failure.ts'
import { type FilesCase, inPieces, pattern, textOf } from './files-kit.ts'

export const conditionCases: readonly FilesCase[] = [
  {
    name: 'ifAbsent writes once',
    async run({ files }) {
      await files.write('a/once', 'first', { ifAbsent: true })
      const error = await failure(files.write('a/once', 'second', { ifAbsent: true, metadata: { a: 'b' } }))
      assert.equal(error.code, 'already_exists')
      assert.equal(await textOf(files, 'a/once'), 'first')
      await files.delete('a/once')
      await files.write('a/once', 'third', { ifAbsent: true, metadata: { a: 'b' } })
      assert.deepEqual({ ...(await files.stat('a/once'))?.metadata }, { a: 'b' })
    },
  },
  {
    name: 'ifMatch writes only over the version that was seen',
    async run({ files }) {
      const first = await files.write('page', '1')
      const second = await files.write('page', '2', { ifMatch: first.etag })
      const stale = await failure(files.write('page', '3', { ifMatch: first.etag }))
      assert.equal(stale.code, 'precondition_failed')
      assert.equal(await textOf(files, 'page'), '2')
      await files.delete('page')
      const gone = await failure(files.write('page', '3', { ifMatch: second.etag }))
      assert.equal(gone.code, 'precondition_failed')
      assert.equal(await files.stat('page'), undefined)
    },
  },
  {
    name: 'of many that create a file at once, one wins',
    async run({ files }) {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 12 }, (_, n) =>
          files.write('deep/er/lock', n % 2 ? `${n}` : inPieces(new TextEncoder().encode(`${n}`), 1), {
            ifAbsent: true,
          }),
        ),
      )
      const won = outcomes.flatMap(({ status }, n) => (status === 'fulfilled' ? [n] : []))
      assert.equal(won.length, 1)
      assert.equal(await textOf(files, 'deep/er/lock'), String(won[0]))
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') assert.ok(InfrastructureError.is(outcome.reason, 'already_exists'))
      }
    },
  },
  {
    name: 'of many that change a version at once, one wins; nothing is lost in a loop of them',
    async run({ files }) {
      await files.write('counter', '0')
      const add = async () => {
        while (true) {
          const reader = await files.read('counter')
          const next = String(Number(await reader.text()) + 1)
          try {
            await files.write('counter', next, { ifMatch: reader.info.etag })
            return
          } catch (error) {
            if (!InfrastructureError.is(error, 'precondition_failed')) throw error
          }
        }
      }
      await Promise.all(Array.from({ length: 8 }, add))
      assert.equal(await textOf(files, 'counter'), '8')
    },
  },
  {
    name: 'an unconditional write in between is never overwritten by a conditional one',
    async run({ files }) {
      const { etag } = await files.write('page', 'seen')
      const [conditional] = await Promise.allSettled([
        files.write('page', inPieces(pattern(100_000), 10_000), { ifMatch: etag }),
        files.write('page', 'in between'),
      ])
      // Either it came first, or it was refused; in both cases the other one's content stands.
      if (conditional.status === 'rejected')
        assert.ok(InfrastructureError.is(conditional.reason, 'precondition_failed'))
      assert.equal(await textOf(files, 'page'), 'in between')
    },
  },
]
