import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { findServer } from '../src/find.ts'
import { homeOf, runningInBackground, startInBackground, stopInBackground } from '../src/own/background.ts'
import { remove } from '../src/own/place.ts'
import { freePort } from '../src/own/port.ts'
import { skipUnlessInstalled } from '../src/own/throwaway.ts'
import { type DatabaseName, databases, type ServerName, servers } from '../src/servers/index.ts'
import type { ServerEngine } from '../src/servers/server.ts'

const { PATH } = process.env

for (const name of Object.keys(servers) as ServerName[]) {
  const installation = servers[name].installation(process.env)
  const skip = skipUnlessInstalled(name)

  test(`${name}: it is found wherever it was started, keeps its data, and is stopped by its own process id only`, {
    skip,
  }, async () => {
    // Under a name and with a standard port of its own, beside whatever runs on this machine.
    const server: ServerEngine = {
      ...servers[name],
      name: `${name}-test-${process.pid}`,
      port: await freePort(),
    }
    assert.equal((await findServer(server, { PATH })).where, 'installed')
    try {
      const first = await startInBackground(server, installation!)
      assert.equal(first.port, server.port)
      await databases[name as DatabaseName]?.createDatabase(first.url, 'kept')
      const found = await findServer(server, { PATH })
      assert.deepEqual([found.where, found.url], ['started', first.url])
      await stopInBackground(server, first)
      assert.equal(runningInBackground(server), undefined)
      assert.equal((await findServer(server, { PATH })).where, 'installed')

      const neighbour = createServer(socket => socket.destroy()).listen(server.port, '127.0.0.1')
      await once(neighbour, 'listening')
      const second = await startInBackground(server, installation!)
      assert.notEqual(second.port, server.port)
      const url = new URL(second.url)
      if (name in databases) url.pathname = '/kept'
      await server.version(url.href)
      assert.equal((await findServer(server, { PATH })).url, second.url)
      await stopInBackground(server, second)
      neighbour.close()
    } finally {
      const left = runningInBackground(server)
      if (left) await stopInBackground(server, left)
      remove(homeOf(server))
    }
    assert.ok(!existsSync(homeOf(server)))
  })
}
