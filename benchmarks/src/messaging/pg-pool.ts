import pg from 'pg'

/** A pool that outlives what happens to an idle connection, such as the end of its database. */
export function pgPool(url: string, max: number): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max })
  pool.on('error', () => {})
  return pool
}
