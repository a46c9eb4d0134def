import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createMessaging } from 'portolan/messaging'
import { openDatabase } from 'portolan/persistence'
import { fact, messageType, until } from '../../src/contracts/messaging-support.ts'
import { portolan, screen } from './portolan.ts'

let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'portolan-cli-'))
})
after(() => rm(directory, { recursive: true, force: true }))

const Placed = messageType('shop.order.placed', fact)
const Paid = messageType('shop.order.paid', fact)

/** A shop whose billing has given up two messages, and one that works when it is opened again. */
async function shop(url: string, broken: boolean, handled: number[]) {
  const database = await openDatabase(url)
  const messaging = createMessaging({ database, source: 'test', messages: [Placed, Paid] })
  for (const type of [Placed, Paid]) {
    messaging.subscribe(type, { group: 'billing', retry: { attempts: 1 } }, ({ data }) => {
      if (broken) throw new Error('the books are closed')
      handled.push(data.n)
    })
  }
  await messaging.start()
  return {
    messaging,
    async [Symbol.asyncDispose]() {
      await messaging.stop()
      await database.close()
    },
  }
}

test('what was given up is listed, shown, replayed and discarded, whether the application runs or not', async () => {
  const url = `sqlite:${join(directory, 'shop.db')}`
  {
    await using closed = await shop(url, true, [])
    await closed.messaging.publish(Placed, { n: 1 }, { key: 'k' })
    await closed.messaging.publish(Paid, { n: 2 })
    await closed.messaging.publish(Paid, { n: 3 })
    await until('they are given up', async () => (await closed.messaging.deadLetters.count()) === 3)
  }
  const { code, out } = await portolan(url, 'dead-letters', 'list')
  assert.equal(code, 0)
  assert.match(out, /^ID +DIED +GROUP +TYPE +ATTEMPTS +REASON\n/)
  assert.equal(out.match(/billing +shop\.order\.\w+ +1 +the books are closed\n/g)?.length, 3)
  const listed = JSON.parse(
    (await portolan(url, 'dead-letters', 'list', '--type', Placed.name, '--json')).out,
  )
  assert.deepEqual(
    listed.letters.map(({ payload }: { payload: unknown }) => payload),
    [{ n: 1 }],
  )
  const [{ id }] = listed.letters
  const shown = await portolan(url, 'dead-letters', 'show', id)
  assert.match(shown.out, /\nAT +ATTEMPT +REASON\n\S+Z +1 +died +the books are closed\n/)
  assert.match(shown.out, new RegExp(`id +${id}\n[\\s\\S]*"n": 1[\\s\\S]*Error: the books are closed\n +at `))

  assert.deepEqual(await portolan(url, 'dead-letters', 'replay', id), {
    ...{ code: 0, out: '1 on their way again.\n', error: '' },
  })
  assert.equal(
    (await portolan(url, 'dead-letters', 'discard', '--all', '--type', 'nothing')).out,
    '0 deleted.\n',
  )
  const again = await portolan(url, 'dead-letters', 'show', id)
  assert.equal(again.code, 1)
  assert.match(again.error, /There is no dead letter/)

  const waiting = await portolan(url, 'outbox', 'status', '--max-age', '1ms')
  assert.equal(waiting.error, '')
  assert.equal(waiting.code, 1)
  assert.match(waiting.out, /outbox +0\ndelayed +0\ngroup billing +1 +oldest 0 s ago\ndead letters +2 /)
  const handled: number[] = []
  {
    await using open = await shop(url, false, handled)
    await until('the first is handled', () => handled.length === 1)
    const some = ['dead-letters', 'replay', '--all', '--group', 'billing'] as const
    assert.equal((await portolan(url, ...some, '--older-than', '1d')).out, '0 on their way again.\n')
    const all = await portolan(screen, url, ...some, '--newer-than', '1d')
    assert.equal(all.out, '2 on their way again.\n')
    assert.equal(all.error, `\r${'█'.repeat(30)} 2 of 2\u001B[K\r\u001B[K`)
    await until('all are handled', () => handled.length === 3)
    assert.equal(await open.messaging.deadLetters.count(), 0)
  }
  assert.deepEqual(handled.toSorted(), [1, 2, 3])
  assert.equal((await portolan(url, 'dead-letters', 'list')).out, 'There are none.\n')
  assert.equal((await portolan(url, 'outbox', 'status', '--max-age', '1s')).code, 0)
})

test('what a terminal would obey is shown as what it is, and a listing has a line for each', async () => {
  const url = `sqlite:${join(directory, 'terminal.db')}`
  {
    await using database = await openDatabase(url)
    await using messaging = createMessaging({ database, source: 'test', messages: [Placed] })
    messaging.subscribe(Placed, { group: 'billing', retry: { attempts: 1 } }, () => {
      throw new Error(`gone\u001b[2J\u009b1m\r\u202ewrong\n${'x'.repeat(300)}`)
    })
    await messaging.start()
    await messaging.publish(Placed, { n: 1, text: '\u009b1m\u202e' })
    await until('it is given up', async () => (await messaging.deadLetters.count()) === 1)
  }
  const listed = await portolan(url, 'dead-letters', 'list')
  assert.equal(listed.out.split('\n').length, 3)
  assert.ok(listed.out.length < 500)
  const [letter] = JSON.parse((await portolan(url, 'dead-letters', 'list', '--json')).out).letters
  const shown = await portolan(url, 'dead-letters', 'show', letter.id)
  for (const { out } of [listed, shown]) {
    assert.match(out, /gone\ufffd\[2J/)
    assert.doesNotMatch(out, /(?!\n)\p{Control}|\u202e/u)
  }
  assert.match(shown.out, /x{300}/)
})

test('a group is paused and resumed, whether the application runs or not', async () => {
  const url = `sqlite:${join(directory, 'paused.db')}`
  const handled: number[] = []
  await (await shop(url, false, handled))[Symbol.asyncDispose]()
  assert.deepEqual(await portolan(url, 'groups', 'pause', 'billing'), {
    ...{ code: 0, out: 'Paused: billing.\n', error: '' },
  })
  await using open = await shop(url, false, handled)
  await open.messaging.publish(Placed, { n: 1 })
  const { out } = await portolan(url, 'groups', 'list')
  assert.match(
    out,
    /^GROUP +STATE +WAITING +OLDEST +TYPES\nbilling +paused 0 s ago +1 +0 s ago +shop\.order\.paid shop\.order\.placed\n$/,
  )
  assert.match((await portolan(url, 'outbox', 'status')).out, /\npaused +billing +0 s ago, see/)
  assert.deepEqual(handled, [])
  const resumed = await portolan(url, 'groups', 'resume', 'billing', '--json')
  assert.deepEqual(JSON.parse(resumed.out), { ok: true, resumed: ['billing'] })
  await until('it is handled', () => handled.length === 1)
  const [known] = JSON.parse((await portolan(url, 'groups', 'list', '--json')).out).groups
  assert.deepEqual([known.group, known.pausedSince, known.types.length], ['billing', undefined, 2])
})

test('a call that cannot be followed says what is wrong with it', async () => {
  const url = `sqlite:${join(directory, 'empty.db')}`
  const wrong = async (code: number, told: RegExp, ...args: string[]) => {
    const result = await portolan(url, ...args)
    assert.deepEqual([result.code, result.out], [code, ''], args.join(' '))
    assert.match(result.error, told)
  }
  await wrong(1, /There is no database file '.*empty\.db'/, 'outbox', 'status')
  await wrong(1, /There is no database file/, 'dead-letters', 'list')
  await wrong(2, /--max-age: "soon" is no duration/, 'outbox', 'status', '--max-age', 'soon')
  await wrong(
    2,
    /--older-than: "yesterday" is no duration/,
    'dead-letters',
    'list',
    '--older-than',
    'yesterday',
  )
  const { code, out, error } = await portolan(url, 'outbox', 'status', '--json')
  assert.deepEqual([code, error, JSON.parse(out).ok, JSON.parse(out).error.code], [1, '', false, 'not_found'])
  assert.ok(!existsSync(join(directory, 'empty.db')), 'who looked has made a file')
  await portolan(url, 'migrate', 'up', '--namespace', 'portolan-jobs')
  await wrong(1, /This database has no tables of messaging/, 'outbox', 'status')
  await wrong(2, /There is no action 'stauts'. Did you mean 'status'/, 'outbox', 'stauts')
  await wrong(2, /Which action/, 'dead-letters')
  await wrong(2, /--limit 0/, 'dead-letters', 'list', '--limit', '0')
  await wrong(2, /There is no action 'puase'. Did you mean 'pause'/, 'groups', 'puase')
  const made = `sqlite:${join(directory, 'made.db')}`
  await portolan(made, 'migrate', 'up', '--namespace', 'portolan_messaging')
  for (const [told, ...args] of [
    [/takes one ID/, 'show'],
    [/Which\? Give the IDs/, 'replay'],
    [/not both/, 'replay', 'x', '--older-than', '1h'],
    [/not both/, 'discard', 'x', '--all'],
  ] as const) {
    const { code, error } = await portolan(made, 'dead-letters', ...args)
    assert.equal(code, 2)
    assert.match(error, told)
  }
  const nobody = await portolan(made, 'groups', 'pause', 'billing')
  assert.equal(nobody.code, 1)
  assert.match(nobody.error, /There is no group 'billing'/)
  assert.equal((await portolan(made, 'groups', 'pause')).code, 2)
  assert.equal((await portolan(made, 'groups', 'list')).out, 'There are none.\n')
})
