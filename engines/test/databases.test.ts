import assert from 'node:assert/strict'
import { test } from 'node:test'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { type DatabaseName, engineUrl, freshDatabase, skipWithout } from '../src/index.ts'

interface Session extends Disposable {
  /** The rows of the answer as text. */
  ask(text: string): Promise<string>
}

const connect: Record<DatabaseName, (url: string) => Promise<Session>> = {
  async postgres(url) {
    const client = new pg.Client(url)
    client.on('error', () => {})
    await client.connect()
    return {
      ask: async text => JSON.stringify((await client.query(text)).rows),
      [Symbol.dispose]: () => void client.end(),
    }
  },
  async mysql(url) {
    const client = await mysql.createConnection(url)
    client.on('error', () => {})
    return {
      ask: async text => JSON.stringify((await client.query(text))[0]),
      [Symbol.dispose]: () => client.destroy(),
    }
  },
}

const databases: Record<DatabaseName, string> = {
  postgres: 'select datname as name from pg_database',
  mysql: 'select schema_name as name from information_schema.schemata',
}

for (const name of Object.keys(connect) as DatabaseName[]) {
  const skip = await skipWithout(name)

  test(`${name}: a fresh database is empty, its own, and gone afterwards, whoever is connected`, {
    skip,
  }, async () => {
    using admin = await connect[name](await engineUrl(name))
    const [one, two] = await Promise.all([freshDatabase(name), freshDatabase(name, { label: 'other' })])
    using user = await connect[name](one.url)
    using other = await connect[name](two.url)
    assert.notEqual(one.name, two.name)
    assert.ok(two.name.startsWith('portolan_other_'))
    await user.ask('create table t (id int)')
    await other.ask('create table t (id int)')
    assert.ok((await admin.ask(databases[name])).includes(one.name))
    await one[Symbol.asyncDispose]()
    await two[Symbol.asyncDispose]()
    const left = await admin.ask(databases[name])
    assert.ok(!left.includes(one.name) && !left.includes(two.name))
    await one[Symbol.asyncDispose]()
  })
}
