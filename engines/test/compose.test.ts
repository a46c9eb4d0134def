import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { servers } from '../src/servers/index.ts'

interface Service {
  readonly image: string
  readonly ports: readonly string[]
  readonly healthcheck: { readonly test: readonly string[] }
}

const path = new URL('../compose.yaml', import.meta.url)
const text = readFileSync(path, 'utf8')
const services = Object.entries((parse(text) as { services: Record<string, Service> }).services)

test('every service is of one major version, for this machine only, and says when it is ready', () => {
  assert.ok(services.length >= 3)
  const published = services.map(([name, { image, ports, healthcheck }]) => {
    assert.match(image, /^([a-z]+\/)?[a-z]+(-[a-z]+)*:\d+(\.\d+){0,2}(-alpine)?$/, name)
    assert.equal(healthcheck.test[0], 'CMD', name)
    assert.equal(ports.length, 1, name)
    assert.match(ports[0]!, /^127\.0\.0\.1:\d+:\d+$/, name)
    return ports[0]!.split(':')[1]
  })
  assert.equal(new Set(published).size, published.length, 'two services on one port')
})

test('every server that the tests know is among them, on its standard port', () => {
  for (const { title, port } of Object.values(servers))
    assert.ok(
      services.some(([, { ports }]) => ports.includes(`127.0.0.1:${port}:${port}`)),
      title,
    )
})

test('its comments name the variables and ports that are true', () => {
  const named = [...text.matchAll(/(PORTOLAN_TEST_\w+)=\w+:\/\/root@127\.0\.0\.1:(\d+)/g)]
  assert.ok(named.length > 0)
  for (const [, variable, port] of named) {
    assert.ok(Object.values(servers).some(server => server.variable === variable))
    assert.ok(services.some(([, { ports }]) => ports.some(each => each.startsWith(`127.0.0.1:${port}:`))))
  }
})
