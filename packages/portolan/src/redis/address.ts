import { InfrastructureError } from '../ports/errors.ts'
import { milliseconds } from '../runtime/duration.ts'
import { closest } from '../runtime/spelling.ts'

/** Where a Redis server is, and how it is to be used. */
export interface RedisAddress {
  readonly host: string
  readonly port: number
  readonly user: string | undefined
  readonly password: string | undefined
  readonly database: number
  readonly encrypted: boolean
  /** Begins every key, so that applications can share a server. */
  readonly prefix: string
  readonly connectTimeoutMs: number
  /** After it a command is given up, and its connection is made anew. */
  readonly commandTimeoutMs: number
}

const example = 'redis://user:password@host:6379/0'
const ports: Readonly<Record<string, number>> = { redis: 6379, rediss: 6380 }
const defaults = { prefix: 'portolan', connect_timeout: '5s', command_timeout: '5s' } as const
const prefixPattern = /^[A-Za-z0-9_-]{1,40}$/

/**
 * Reads `redis://user:password@host:6379/0?prefix=shop&connect_timeout=5s&command_timeout=5s`; `rediss:` encrypts.
 *
 * @throws InfrastructureError `invalid_argument` that says how it is wrong, without the URL: it may hold a password.
 */
export function parseRedisUrl(text: string): RedisAddress {
  const url = URL.parse(text)
  const scheme = url?.protocol.slice(0, -1) ?? ''
  const port = ports[scheme]
  if (!url || port === undefined || url.hostname === '') throw invalid(`It is not of the form ${example}.`)
  const parameters = new Map<string, string>(Object.entries(defaults))
  for (const [name, value] of url.searchParams) {
    if (!parameters.has(name)) throw unknownParameter(name)
    parameters.set(name, value)
  }
  const prefix = parameters.get('prefix')!
  if (!prefixPattern.test(prefix))
    throw invalid("prefix: use 1 to 40 letters, digits, '_' and '-', as in prefix=shop.")
  const database = url.pathname.slice(1)
  if (!/^\d*$/.test(database)) throw invalid(`'${database}' is no number of a database, as in ${example}.`)
  return {
    // The brackets of an IPv6 address are the URL's.
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? port : Number(url.port),
    user: url.username === '' ? undefined : decoded(url.username),
    password: url.password === '' ? undefined : decoded(url.password),
    database: Number(database),
    encrypted: scheme === 'rediss',
    prefix,
    connectTimeoutMs: timeout('connect_timeout', parameters),
    commandTimeoutMs: timeout('command_timeout', parameters),
  }
}

function timeout(name: string, parameters: ReadonlyMap<string, string>): number {
  const ms = milliseconds(parameters.get(name) as `${number}ms`, `Redis URL: ${name}`)
  if (ms < 1) throw invalid(`${name}: give at least 1ms.`)
  return ms
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // Without the cause: its text may be a part of the password.
    throw invalid("It holds a '%' that encodes nothing. Write %25 for a percent sign.")
  }
}

function unknownParameter(name: string): InfrastructureError {
  const known = Object.keys(defaults)
  const meant = closest(name, known)
  const hint = meant === undefined ? `There are: ${known.join(', ')}.` : `Did you mean '${meant}'?`
  return invalid(`It has the unknown parameter '${name}'. ${hint}`)
}

function invalid(what: string): InfrastructureError {
  return new InfrastructureError('invalid_argument', `The Redis URL is wrong. ${what}`)
}
