import 'reflect-metadata'
import { Controller, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import {
  type ClientOptions,
  ClientProxyFactory,
  Ctx,
  EventPattern,
  type MicroserviceOptions,
  Payload,
  type RmqContext,
  Transport,
} from '@nestjs/microservices'
import { lastValueFrom } from 'rxjs'
import { serverUrl } from '../brokers.ts'
import type { Wire } from './wire.ts'

const [pattern, queue] = ['bench.order.placed', 'bench-wire-nestjs']

/** Durable, and acknowledged by the handler, as the guide of this transport has it; the confirms are the transport's own. */
export async function nestRabbitmq(): Promise<Wire> {
  const options = {
    ...{ urls: [await serverUrl('rabbitmq')], queue, persistent: true },
    queueOptions: { durable: true, arguments: { 'x-queue-type': 'quorum' } },
  }
  return nest(
    { transport: Transport.RMQ, options: { ...options, prefetchCount: 256, noAck: false } },
    { transport: Transport.RMQ, options },
    (context: RmqContext) => context.getChannelRef().ack(context.getMessage()),
  )
}

/** It keeps nothing: what nobody listens to is gone. */
export async function nestNats(): Promise<Wire> {
  const options = { transport: Transport.NATS, options: { servers: await serverUrl('nats') } } as const
  return nest(options, options)
}

/** It keeps nothing: published, not added to a stream. */
export async function nestRedis(): Promise<Wire> {
  const { hostname, port } = new URL(await serverUrl('redis'))
  const address = { host: hostname, port: Number(port || 6379) }
  const options = { transport: Transport.REDIS, options: address } as const
  return nest(options, options)
}

/** The decorators are called as functions: what they are written for is not erasable. */
async function nest(
  server: MicroserviceOptions,
  publisher: ClientOptions,
  ack: (context: RmqContext) => void = () => {},
): Promise<Wire> {
  let handle: (payload: string) => Promise<void> | void = () => {}
  class Orders {
    async placed(payload: { json: string }, context: RmqContext): Promise<void> {
      await handle(payload.json)
      ack(context)
    }
  }
  const method = Object.getOwnPropertyDescriptor(Orders.prototype, 'placed')!
  EventPattern(pattern)(Orders.prototype, 'placed', method)
  Payload()(Orders.prototype, 'placed', 0)
  Ctx()(Orders.prototype, 'placed', 1)
  Controller()(Orders)
  class Shop {}
  Module({ controllers: [Orders] })(Shop)
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(Shop, {
    ...server,
    logger: false,
    abortOnError: false,
  })
  await app.listen()
  const client = ClientProxyFactory.create(publisher)
  await client.connect()
  return {
    async publish(messages) {
      await Promise.all(
        messages.map(({ id, key, payload }) =>
          lastValueFrom(client.emit(pattern, { id, key, json: payload }), { defaultValue: undefined }),
        ),
      )
    },
    async consume(given) {
      handle = given
    },
    async [Symbol.asyncDispose]() {
      await client.close()
      await app.close()
    },
  }
}
