import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { type DatabaseOptions, openDatabase } from 'portolan/persistence'
import { freshDatabase, skipUnlessInstalled, startServer } from 'portolan-engines'
import { type Certificates, certificates } from './certificates.ts'
import { temporaryFolder } from './temporary.ts'

/** A server that shows this certificate, under the name of this machine. */
async function encrypted({ ca, certificateFile, keyFile }: Certificates) {
  const server = await startServer('mysql', {
    args: [`--ssl-ca=${ca}`, `--ssl-cert=${certificateFile}`, `--ssl-key=${keyFile}`],
  })
  const fresh = await freshDatabase('mysql', { server: server.url })
  const url = new URL(fresh.url)
  url.hostname = 'localhost'
  return { url: url.href, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

async function isEncrypted(url: string, options: DatabaseOptions = {}): Promise<boolean> {
  await using database = await openDatabase(url, options)
  const [row] = await database.query<{ Value: string }>("SHOW STATUS LIKE 'Ssl_cipher'")
  return row!.Value !== ''
}

const verify = ({ ca }: Certificates) => `?tls=verify&tls_ca=${encodeURIComponent(ca)}&start_timeout=1ms`
const refused = { code: 'unavailable', message: /TLS|certificate/ }

describe('mysql: tls=verify', { skip: skipUnlessInstalled('mysql') }, () => {
  test('connects to a server whose certificate an authority vouches for, and to no other', async () => {
    using folder = temporaryFolder()
    const [trusted, stranger] = [certificates(folder, 'trusted'), certificates(folder, 'stranger')]
    await using server = await encrypted(trusted)
    assert.equal(await isEncrypted(server.url), false)
    assert.equal(await isEncrypted(`${server.url}?tls=require`), true)
    assert.equal(await isEncrypted(server.url + verify(trusted)), true)
    const ca = readFileSync(trusted.ca, 'utf8')
    assert.equal(await isEncrypted(server.url, { tls: { mode: 'verify', ca } }), true)
    await assert.rejects(openDatabase(server.url + verify(stranger)), refused)
    await assert.rejects(openDatabase(`${server.url}?tls=verify&start_timeout=1ms`), refused)
  })

  test('refuses a certificate for another name', async () => {
    using folder = temporaryFolder()
    const elsewhere = certificates(folder, 'trusted', 'elsewhere.example')
    await using server = await encrypted(elsewhere)
    assert.equal(await isEncrypted(`${server.url}?tls=require`), true)
    await assert.rejects(openDatabase(server.url + verify(elsewhere)), refused)
  })
})
