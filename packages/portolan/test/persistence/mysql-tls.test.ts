import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { openDatabase } from 'portolan/persistence'
import { freshDatabase, skipUnlessInstalled, startServer } from 'portolan-engines'
import { certificates } from './certificates.ts'
import { temporaryFolder } from './temporary.ts'

test('mysql: tls=verify connects to a server whose certificate an authority vouches for, and to no other', {
  skip: skipUnlessInstalled('mysql'),
}, async () => {
  using folder = temporaryFolder()
  const trusted = certificates(folder, 'trusted')
  const stranger = certificates(folder, 'stranger')
  const { ca, certificateFile, keyFile } = trusted
  await using server = await startServer('mysql', {
    args: [`--ssl-ca=${ca}`, `--ssl-cert=${certificateFile}`, `--ssl-key=${keyFile}`],
  })
  await using fresh = await freshDatabase('mysql', { server: server.url })
  const url = new URL(fresh.url)
  url.hostname = 'localhost'
  const encrypted = async (given: string, ...options: Parameters<typeof openDatabase>[1][]) => {
    await using database = await openDatabase(given, ...options)
    const [row] = await database.query<{ Value: string }>("SHOW STATUS LIKE 'Ssl_cipher'")
    return row!.Value !== ''
  }
  assert.equal(await encrypted(url.href), false)
  assert.equal(await encrypted(`${url.href}?tls=require`), true)
  assert.equal(await encrypted(`${url.href}?tls=verify&tls_ca=${encodeURIComponent(ca)}`), true)
  const inHand = readFileSync(ca, 'utf8')
  assert.equal(await encrypted(url.href, { tls: { mode: 'verify', ca: inHand } }), true)

  const refused = { code: 'unavailable', message: /TLS|certificate/ }
  const verify = (file: string) => `?tls=verify&tls_ca=${encodeURIComponent(file)}&start_timeout=1ms`
  await assert.rejects(openDatabase(`${url.href}${verify(stranger.ca)}`), refused)
  await assert.rejects(openDatabase(`${url.href}?tls=verify&start_timeout=1ms`), refused)
  // The certificate names localhost alone.
  url.hostname = '127.0.0.1'
  await assert.rejects(openDatabase(`${url.href}${verify(ca)}`), refused)
})
