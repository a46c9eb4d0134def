import { DatabaseSync } from 'node:sqlite'

// Holds the write lock of a file until it is killed.
const [path = ''] = process.argv.slice(2)
const database = new DatabaseSync(path)
database.exec('BEGIN IMMEDIATE')
console.log('held')
setInterval(() => database.isTransaction, 1_000)
