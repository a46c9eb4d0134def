import assert from 'node:assert/strict'
import { test } from 'node:test'
import { classifySqlite } from '../../src/persistence/drivers/sqlite/errors.ts'

test('result codes that say nothing of the statement are not blamed on it', () => {
  const told = (errcode: number) => {
    const { code, retry } = classifySqlite(Object.assign(new Error('native'), { errcode }))
    return [code, retry]
  }
  // https://sqlite.org/rescode.html: PERM, NOMEM, IOERR_NOMEM, PROTOCOL, and ERROR itself.
  assert.deepEqual([3, 7, 3082, 15, 1].map(told), [
    ['permission_denied', 'never'],
    ['resource_exhausted', 'later'],
    ['unavailable', 'later'],
    ['unavailable', 'now'],
    ['invalid_argument', 'never'],
  ])
})
