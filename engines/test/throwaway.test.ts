import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  type DatabaseName,
  freshDatabase,
  type ServerName,
  skipUnlessInstalled,
  startServer,
} from '../src/index.ts'
import { commandLine, gone } from '../src/own/processes.ts'
import { converse } from '../src/servers/handshake.ts'
import { databases, servers } from '../src/servers/index.ts'

const holder = fileURLToPath(new URL('support/hold-server.ts', import.meta.url))

for (const name of Object.keys(servers) as ServerName[]) {
  const skip = skipUnlessInstalled(name)

  test(`${name}: a server of a test's own can be paused, and keeps its data over a kill and a stop`, {
    skip,
  }, async () => {
    await using server = await startServer(name)
    const { pid, url } = server
    assert.ok(pid)
    const version = await servers[name].version(url)
    server.pause()
    let answered = false
    const asked = servers[name].version(url).then(() => {
      answered = true
    })
    await pause(200)
    assert.equal(answered, false)
    server.resume()
    await asked
    const kept = name in databases ? (await freshDatabase(name as DatabaseName, { server: url })).url : url
    server.pause()
    await server.kill()
    assert.equal(server.pid, undefined)
    await assert.rejects(servers[name].version(url), { code: 'ECONNREFUSED' })
    await server.restart()
    assert.notEqual(server.pid, pid)
    assert.equal(await servers[name].version(kept), version)
    server.pause()
    await server.stop()
    await server.stop()
    await server.restart()
    await server.restart()
    assert.equal(await servers[name].version(kept), version)
  })
}

test('redis: a server takes further settings, and keeps them over a restart', {
  skip: skipUnlessInstalled('redis'),
}, async () => {
  await using server = await startServer('redis', { args: ['--maxmemory', '3mb'] })
  const maxMemory = () =>
    converse(server.url, {
      port: server.port,
      greeting: 'CONFIG GET maxmemory\r\n',
      read: answer => /\r\n(\d+)\r\n$/.exec(answer.toString())?.[1],
    })
  assert.equal(await maxMemory(), String(3 * 1024 * 1024))
  await server.restart()
  assert.equal(await maxMemory(), String(3 * 1024 * 1024))
})

for (const name of Object.keys(servers) as ServerName[]) {
  const skip = skipUnlessInstalled(name)

  test(`${name}: a server does not outlive the process of its test, not even one that is killed`, {
    skip,
  }, async () => {
    const child = spawn(process.execPath, ['--conditions=source', holder, name], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [text] = (await once(child.stdout, 'data')) as [Buffer]
    const pid = Number(text.toString())
    assert.match(commandLine(pid), /portolan-engine-/)
    const folder = /\S*portolan-engine-\w+/.exec(commandLine(pid))![0].replace(/^.*=/, '')
    assert.ok(existsSync(folder))
    child.kill('SIGKILL')
    assert.ok(await gone([pid], 60_000))
    while (existsSync(folder)) await pause(50)
  })
}

test('what is not installed is said with the package that has it, unless engines are required', async t => {
  t.mock.method(servers.postgres, 'installation', () => undefined)
  assert.equal(skipUnlessInstalled('postgres', {}), 'PostgreSQL is not installed: apt-get install postgresql')
  assert.equal(skipUnlessInstalled('postgres', { PORTOLAN_ENGINES: 'required' }), false)
  await assert.rejects(
    startServer('postgres'),
    /^Error: PostgreSQL is not installed: apt-get install postgresql$/,
  )
})
