import { loadMigrations, openDatabase } from 'portolan/persistence'

const [url = '', folder = ''] = process.argv.slice(2)
await using database = await openDatabase(url)
const { applied } = await database.migrate('garden', await loadMigrations(folder))
for (const name of applied) console.log(name)
