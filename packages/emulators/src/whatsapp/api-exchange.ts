import type { FastifyReply } from 'fastify'
import type { Surroundings } from 'portolan/runtime'
import type { Store } from '../store/store.ts'
import type { GraphError } from './errors.ts'
import type { createWhatsApp } from './whatsapp.ts'

/** What all routes of the API are given. */
export interface ApiOptions extends Pick<Surroundings, 'clock' | 'random' | 'ids'> {
  readonly whatsapp: ReturnType<typeof createWhatsApp>
  readonly store: Store
  readonly token: string
  readonly closing: AbortSignal
}

/** Answers with an error in Meta's shape. */
export type Fail = (reply: FastifyReply, error: GraphError) => FastifyReply

export function textOf(body: unknown): string {
  return Buffer.isBuffer(body) ? body.toString('utf8') : ''
}

/** `undefined` for what is no JSON. */
export function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

export function unknownObject(url: string): GraphError {
  const id = url.split(/[/?]/)[3] ?? ''
  return {
    status: 400,
    code: 100,
    subcode: 33,
    type: 'GraphMethodException',
    message: `Unsupported request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation.`,
  }
}
