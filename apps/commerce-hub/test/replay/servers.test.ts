import { join } from 'node:path'
import { describe, test } from 'node:test'
import {
  type DatabaseName,
  freshDatabase,
  type ServerName,
  skipUnlessInstalled,
  startServer,
} from 'portolan-engines'
import { randomOf, seedOfRun } from '../harness/index.ts'
import { killedReplay } from './killed-replay.ts'
import { sampleFolder } from './sample-folder.ts'

/** A replay whose database server or broker is killed in the middle, as is the shop, loses nothing and does nothing twice. */

const databases: readonly DatabaseName[] = ['postgres', 'mysql']
/** With what their URLs need, so that nothing they have confirmed is lost when they are killed. */
const brokers: readonly { readonly name: ServerName; readonly parameters?: string }[] = [
  { name: 'rabbitmq' },
  { name: 'nats' },
  { name: 'redis' },
  { name: 'kafka' },
  { name: 'mqtt', parameters: '?checkpoint=true' },
]
const seed = seedOfRun()
console.log(`servers: TEST_SEED=${seed}`)
const random = randomOf(seed)

const folder = await sampleFolder(1_100)

describe('a replay goes on after its database and the shop were killed', () => {
  for (const name of databases) {
    test(name, { skip: skipUnlessInstalled(name) }, async () => {
      await using server = await startServer(name)
      await using fresh = await freshDatabase(name, { server: server.url })
      const args = ['--input', folder.input, '--database', fresh.url]
      await killedReplay({ server, databaseUrl: fresh.url, args, cwd: folder.path, random })
    })
  }
})

describe('a replay goes on after its broker and the shop were killed', () => {
  for (const { name, parameters = '' } of brokers) {
    test(name, { skip: skipUnlessInstalled(name) }, async () => {
      await using server = await startServer(name)
      const databaseUrl = `sqlite:${join(folder.path, `${name}.db`)}`
      const args = ['--input', folder.input, '--database', databaseUrl, '--broker', server.url + parameters]
      await killedReplay({ server, databaseUrl, args, cwd: folder.path, random })
    })
  }
})
