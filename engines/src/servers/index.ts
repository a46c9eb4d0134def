import { kafka } from './kafka.ts'
import { mqtt } from './mqtt.ts'
import { mysqlOrMariaDb } from './mysql.ts'
import { nats } from './nats.ts'
import { postgres } from './postgres.ts'
import { rabbitmq } from './rabbitmq.ts'
import { redis } from './redis.ts'
import type { DatabaseEngine, ServerEngine } from './server.ts'

/** The databases that tests know. */
export const databases = { postgres, mysql: mysqlOrMariaDb } as const satisfies Record<string, DatabaseEngine>

export type DatabaseName = keyof typeof databases

/** The servers that tests know; the order in which they are shown. */
export const servers = { ...databases, rabbitmq, nats, redis, kafka, mqtt } as const satisfies Record<
  string,
  ServerEngine
>

export type ServerName = keyof typeof servers
