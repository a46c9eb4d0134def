import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { InfrastructureError } from 'portolan'
import { openBroker } from 'portolan/messaging'
import { type BrokerUrlForm, parseBrokerUrl } from '../../src/messaging/broker-url.ts'

const form: BrokerUrlForm = {
  example: 'amqp://user:password@host/vhost',
  ports: { amqp: 5672, amqps: 5671 },
  parameters: ['heartbeat'],
  partitions: 8,
}

function refusal(url: string): string {
  try {
    parseBrokerUrl(url, form)
  } catch (error) {
    assert.ok(InfrastructureError.is(error, 'invalid_argument'))
    assert.ok(!error.message.includes('hunter2'), error.message)
    return error.message
  }
  assert.fail(`${url} was taken.`)
}

describe('the URL of a broker', () => {
  test('says where it is, and how it is used', () => {
    const { parameters, ...address } = parseBrokerUrl(
      'amqps://shop:hunter%402@rabbit.example.com/sales?prefix=shop&partitions=4&heartbeat=5',
      form,
    )
    assert.deepEqual(address, {
      ...{ scheme: 'amqps', hosts: [{ host: 'rabbit.example.com', port: 5671 }], encrypted: true },
      ...{ user: 'shop', password: 'hunter@2', path: 'sales', prefix: 'shop', partitions: 4 },
    })
    assert.equal(parameters.get('heartbeat'), '5')
  })

  test('has defaults, and takes several hosts', () => {
    const { hosts, encrypted, user, password, path, prefix, partitions } = parseBrokerUrl(
      'amqp://a,b:1,[::1]:2/',
      form,
    )
    assert.deepEqual(hosts, [
      { host: 'a', port: 5672 },
      { host: 'b', port: 1 },
      { host: '::1', port: 2 },
    ])
    assert.deepEqual(
      [encrypted, user, password, path, prefix, partitions],
      [false, undefined, undefined, '', 'portolan', 8],
    )
  })

  test('that is wrong says how, and never shows its password', async () => {
    assert.match(refusal('amqp:/x'), /not of the form amqp:\/\/user:password@host\/vhost/)
    assert.match(refusal('http://u:hunter2@h'), /not of the form/)
    assert.match(refusal('amqp://u:hunter2@h?partition=3'), /Did you mean 'partitions'/)
    assert.match(refusal('amqp://u:hunter2@h?partitions=0'), /whole number from 1 to 64/)
    assert.match(refusal('amqp://u:hunter2@h?prefix=a%20b'), /prefix/)
    assert.match(refusal('amqp://u:hunter2%@h'), /%25/)
    await assert.rejects(openBroker('kafka://u:hunter2@h?sasl=scram'), {
      code: 'invalid_argument',
      message: "The broker URL is wrong. sasl: 'scram' is none of plain, scram-sha-256, scram-sha-512.",
    })
    for (const url of ['ampq://u:hunter2@h', 'u:hunter2@h']) {
      await assert.rejects(openBroker(url), (error: unknown) => {
        assert.ok(InfrastructureError.is(error, 'invalid_argument'))
        assert.match(error.message, /amqp:\/\/, kafka:\/\/, mqtt:\/\/, nats:\/\//)
        return !error.message.includes('hunter2')
      })
    }
  })
})
