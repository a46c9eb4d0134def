import { type Database, openDatabase } from 'portolan/persistence'
import { freshDatabase } from 'portolan-engines'

/** A database of its own on MySQL or MariaDB, prepared by these statements; `parameters` follow its address, as in `?lock_timeout=3s`. */
export async function onMysql(
  statements: readonly string[],
  parameters = '',
): Promise<AsyncDisposable & { readonly database: Database; readonly url: string }> {
  const fresh = await freshDatabase('mysql')
  const url = `${fresh.url}${parameters}`
  const database = await openDatabase(url)
  for (const sql of statements) await database.execute(sql)
  return {
    database,
    url,
    async [Symbol.asyncDispose]() {
      await database.close()
      await fresh[Symbol.asyncDispose]()
    },
  }
}
