import { attempts, group, openPoisoned, Placed, poison } from './poisoned.ts'

/** A process that handles messages until one of them ends it. */
const [shop, broker, way] = process.argv.slice(2) as [string, string, 'exit' | 'kill']
const { database, messaging } = await openPoisoned(shop, broker)
messaging.subscribe(Placed, { group, retry: { attempts } }, async ({ data, attempt }) => {
  if (data.n === poison) {
    await Promise.resolve()
    if (way === 'exit') process.exit(1)
    // What the system does to a process that takes all of the memory.
    process.kill(process.pid, 'SIGKILL')
    await new Promise(() => {})
  }
  await database.execute('INSERT INTO effects (n, attempt) VALUES (?, ?)', [data.n, attempt])
})
await messaging.start()
setInterval(() => {}, 1_000)
