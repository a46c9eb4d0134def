import { writeSync } from 'node:fs'
import { openDatabase } from 'portolan/persistence'

// Commits pairs of rows from many callers at once; writes a number as soon as its unit of work was acknowledged.
const [url = '', from = '0'] = process.argv.slice(2)
const database = await openDatabase(url)
let next = Number(from)

async function caller(): Promise<void> {
  for (;;) {
    const n = next++
    await database
      .run(async () => {
        await database.execute('INSERT INTO kept (n, half) VALUES (?, 1)', [n])
        if (n % 7 === 0) await new Promise(resolve => setTimeout(resolve, 1))
        await database.execute('INSERT INTO kept (n, half) VALUES (?, 2)', [n])
        if (n % 11 === 0) throw new Error('rolled back')
      })
      .then(
        () => writeSync(1, `${n}\n`),
        () => {},
      )
  }
}

await Promise.all(Array.from({ length: 20 }, caller))
