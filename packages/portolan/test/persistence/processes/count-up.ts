import { openDatabase } from 'portolan/persistence'

// Raises one counter, reading before it writes, from several callers at once.
const [url = '', times = '0'] = process.argv.slice(2)
await using database = await openDatabase(url)
let left = Number(times)

async function caller(): Promise<void> {
  while (left-- > 0) {
    await database.run(async () => {
      const [row] = await database.query<{ n: number }>('SELECT n FROM counter')
      if (left % 5 === 0) await new Promise(resolve => setImmediate(resolve))
      await database.execute('UPDATE counter SET n = ?', [row!.n + 1])
    })
  }
}

await Promise.all([caller(), caller(), caller()])
