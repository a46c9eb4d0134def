import { readFileSync } from 'node:fs'
import { InfrastructureError } from '../../ports/errors.ts'
import type { Secret } from '../../ports/secret.ts'
import type { Duration } from '../../ports/time.ts'
import { milliseconds } from '../../runtime/duration.ts'
import { closest } from '../../runtime/spelling.ts'
import type { PoolSettings } from './pool/connection-pool.ts'

/** A password, or a function that is asked for it before each new connection, so that it can change. */
export type Password = string | Secret | (() => string | Secret | Promise<string | Secret>)

export interface TlsOptions {
  /** `require` encrypts without knowing the server; `verify` (default) checks its certificate and name. */
  readonly mode?: 'require' | 'verify'
  /** Certificates of authorities to trust, as PEM text. Default: those of Node. */
  readonly ca?: string | undefined
  /** The client's own certificate and key, as PEM text. */
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

/** What a database server is told besides its URL. Wins over the URL. */
export interface ServerOptions {
  readonly password?: Password
  readonly tls?: TlsOptions
}

/** Where a database server is, and how it is to be used. */
export interface ServerSettings {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: Password | undefined
  readonly database: string
  readonly tls: TlsOptions | undefined
  readonly pool: PoolSettings
  readonly connectTimeoutMs: number
  /** How long opening the database waits for a server that is not up yet. */
  readonly startTimeoutMs: number
  /** 0: none. */
  readonly statementTimeoutMs: number
  /** 0: none. */
  readonly lockTimeoutMs: number
  /** How long a transaction may do nothing before the server ends it. 0: never. */
  readonly idleTransactionTimeoutMs: number
}

/** The durations of the URL and their defaults. */
const durations = {
  acquire_timeout: '10s',
  pool_idle_timeout: '30s',
  pool_max_lifetime: '30m',
  connect_timeout: '5s',
  start_timeout: '5s',
  statement_timeout: '60s',
  lock_timeout: '10s',
  idle_transaction_timeout: '60s',
} as const satisfies Record<string, Duration>

const parameters = ['pool_max', ...Object.keys(durations), 'tls', 'tls_ca']
const defaultPoolMax = 10
const checkAfterIdleMs = 5_000

/** What `parseServerUrl` must know of the engine. */
export interface ServerDefaults {
  /** As people call it. */
  readonly engine: string
  /** A URL to show. */
  readonly example: string
  readonly port: number
  readonly user: string
  /** Other spellings that URLs of this engine use: the parameter and what it means here. */
  readonly aliases?: Readonly<Record<string, (value: string) => readonly [name: string, value: string]>>
}

/**
 * Reads `scheme://user:password@host:port/database?pool_max=20&statement_timeout=30s`.
 *
 * @throws InfrastructureError `invalid_argument`, without the URL: it may hold a password.
 */
export function parseServerUrl(
  text: string,
  { engine, example, port, user, aliases = {} }: ServerDefaults,
  options: ServerOptions = {},
): ServerSettings {
  const url = URL.parse(text)
  if (!url) throw invalid(`It is not of the form ${example}.`)
  const database = decoded(url.pathname.slice(1))
  if (database === '' || database.includes('/')) throw invalid(`It names no database. Write ${example}.`)
  const given = new Map<string, string>()
  for (const [name, value] of url.searchParams) {
    const [own, meant] = aliases[name]?.(value) ?? [name, value]
    if (!parameters.includes(own)) throw unknownParameter(name)
    given.set(own, meant)
  }
  const duration = (name: keyof typeof durations) => ms(name, given.get(name) ?? durations[name])
  // The brackets of an IPv6 address are the URL's.
  const host = decoded(url.hostname).replace(/^\[|\]$/g, '') || 'localhost'
  const serverPort = url.port ? Number(url.port) : port
  return {
    host,
    port: serverPort,
    user: decoded(url.username) || user,
    password: options.password ?? (url.password === '' ? undefined : decoded(url.password)),
    database,
    tls: options.tls ?? tlsOf(given),
    pool: {
      name: `${engine} ${host}:${serverPort}/${database}`,
      max: count('pool_max', given.get('pool_max')) ?? defaultPoolMax,
      acquireTimeoutMs: duration('acquire_timeout'),
      idleTimeoutMs: duration('pool_idle_timeout'),
      maxLifetimeMs: duration('pool_max_lifetime'),
      checkAfterIdleMs,
    },
    connectTimeoutMs: duration('connect_timeout'),
    startTimeoutMs: duration('start_timeout'),
    statementTimeoutMs: duration('statement_timeout'),
    lockTimeoutMs: duration('lock_timeout'),
    idleTransactionTimeoutMs: duration('idle_transaction_timeout'),
  }
}

/** The password as it is now. */
export async function passwordOf({ password }: ServerSettings): Promise<string | undefined> {
  const current = typeof password === 'function' ? await password() : password
  return typeof current === 'object' ? current.reveal() : current
}

function tlsOf(given: ReadonlyMap<string, string>): TlsOptions | undefined {
  const mode = given.get('tls') ?? 'off'
  if (mode !== 'off' && mode !== 'require' && mode !== 'verify')
    throw invalid(`tls: '${mode}' is unknown. Use off (the default), require or verify.`)
  const path = given.get('tls_ca')
  if (path === undefined) return mode === 'off' ? undefined : { mode }
  if (mode === 'off') throw invalid('tls_ca: it needs tls=verify.')
  try {
    return { mode, ca: readFileSync(path, 'utf8') }
  } catch (cause) {
    throw invalid(`tls_ca: the file '${path}' cannot be read. Check the path.`, cause)
  }
}

function ms(name: string, value: string): number {
  const text = /^\d+$/.test(value) ? Number(value) : (value as Duration)
  return milliseconds(text, `The database's URL: ${name}`)
}

function count(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (/^[1-9]\d{0,3}$/.test(value)) return Number(value)
  throw invalid(`${name}: '${value}' is no count of 1 or more.`)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalid("A part of it is not validly encoded. Write a '%' as '%25'.")
  }
}

function unknownParameter(name: string): InfrastructureError {
  const near = closest(name, parameters)
  return invalid(
    `The parameter '${name}' is unknown${near ? `; did you mean '${near}'?` : '.'} Allowed are ${parameters.join(', ')}.`,
  )
}

function invalid(message: string, cause?: unknown): InfrastructureError {
  return new InfrastructureError('invalid_argument', `The database's URL: ${message}`, { cause })
}
