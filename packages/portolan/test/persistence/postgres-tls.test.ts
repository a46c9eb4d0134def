import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { openDatabase } from 'portolan/persistence'
import { systemClock } from 'portolan/runtime'
import { skipWithout, startServer } from 'portolan-engines'
import { type Certificates, certificates } from './certificates.ts'
import { temporaryFolder } from './temporary.ts'

test('postgres: a server without TLS is told when TLS is wanted', {
  skip: await skipWithout('postgres'),
}, async () => {
  await using server = await startServer('postgres')
  await assert.rejects(openDatabase(`${server.url}?tls=require`), { code: 'unavailable', message: /TLS/ })
})

test('postgres: tls=verify connects to a server whose certificate an authority vouches for, and to no other', {
  skip: await skipWithout('postgres'),
}, async () => {
  await using server = await startServer('postgres')
  using folder = temporaryFolder()
  const trusted = certificates(folder, 'trusted')
  const stranger = certificates(folder, 'stranger')
  await encrypt(server.url as `postgres:${string}`, trusted)

  const url = new URL(server.url)
  url.hostname = 'localhost'
  await using database = await openDatabase(`${url.href}?tls=verify&tls_ca=${encodeURIComponent(trusted.ca)}`)
  assert.deepEqual(
    await database.query('SELECT ssl AS encrypted FROM pg_stat_ssl WHERE pid = pg_backend_pid()'),
    [{ encrypted: 1 }],
  )
  const ca = readFileSync(trusted.ca, 'utf8')
  await using told = await openDatabase(url.href, { tls: { mode: 'verify', ca } })
  assert.deepEqual(await told.query('SELECT 1 AS one'), [{ one: 1 }])

  await assert.rejects(
    openDatabase(`${url.href}?tls=verify&tls_ca=${encodeURIComponent(stranger.ca)}&start_timeout=1ms`),
    { code: 'unavailable', message: /TLS|certificate/ },
  )

  // The certificate names localhost alone.
  url.hostname = '127.0.0.1'
  await assert.rejects(
    openDatabase(`${url.href}?tls=verify&tls_ca=${encodeURIComponent(trusted.ca)}&start_timeout=1ms`),
    { code: 'unavailable', message: /TLS|certificate/ },
  )
})

/** Gives a server what it needs for TLS. The server itself writes the files: it may run as another user. */
async function encrypt(url: `postgres:${string}`, { certificate, key }: Certificates): Promise<void> {
  await using admin = await openDatabase(url)
  const [{ folder }] = (await admin.query<{ folder: string }>(
    "SELECT current_setting('data_directory') AS folder",
  )) as [{ folder: string }]
  const files = { 'server.crt': certificate, 'server.key': key }
  for (const [name, content] of Object.entries(files)) {
    const lines = content
      .trim()
      .split('\n')
      .map(line => `'${line}'`)
    const program = `umask 077; cat > "${folder}/${name}"`
    await admin.native.use(client =>
      client.query({ text: `COPY (SELECT unnest(ARRAY[${lines}])) TO PROGRAM '${program}'` }),
    )
  }
  await admin.execute('ALTER SYSTEM SET ssl = on')
  await admin.query('SELECT pg_reload_conf()')
  while ((await admin.query<{ ssl: string }>("SELECT current_setting('ssl') AS ssl"))[0]?.ssl !== 'on')
    await systemClock.sleep(20)
}
