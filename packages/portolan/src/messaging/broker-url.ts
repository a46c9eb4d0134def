import { InfrastructureError } from '../ports/errors.ts'
import { closest } from '../runtime/spelling.ts'

/** What a broker's driver knows of its URLs. */
export interface BrokerUrlForm {
  /** A URL to show. */
  readonly example: string
  /** The port of each scheme, the one without encryption first. */
  readonly ports: Readonly<Record<string, number>>
  /** Parameters of this broker, besides `prefix` and `partitions`. */
  readonly parameters?: readonly string[]
  /** Default of `partitions`; `undefined`: it takes none. */
  readonly partitions?: number
}

/** Where a broker is, and how it is to be used. */
export interface BrokerAddress {
  readonly scheme: string
  /** Several where the broker is a cluster: `host1:port1,host2:port2`. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  readonly encrypted: boolean
  readonly user: string | undefined
  readonly password: string | undefined
  /** Without its first slash. */
  readonly path: string
  /** Begins every name that is made in the broker, so that applications can share one. */
  readonly prefix: string
  /** 0 where the broker takes none. */
  readonly partitions: number
  readonly parameters: ReadonlyMap<string, string>
}

const prefixPattern = /^[A-Za-z0-9_-]{1,40}$/
const mostPartitions = 64

/**
 * Reads `scheme://user:password@host:port/path?prefix=shop&partitions=8`.
 *
 * @throws InfrastructureError `invalid_argument` that says how it is wrong, without the URL: it may hold a password.
 */
export function parseBrokerUrl(text: string, form: BrokerUrlForm): BrokerAddress {
  const { example, ports } = form
  const several = /^([a-z][a-z0-9+.-]*:\/\/(?:[^/?#]*@)?)([^/?#,]+)((?:,[^/?#,]+)*)(.*)$/is.exec(text)
  const url = several && URL.parse(several[1]! + several[2]! + several[4]!)
  const scheme = url?.protocol.slice(0, -1).toLowerCase() ?? ''
  const port = ports[scheme]
  if (!url || port === undefined) throw invalid(`It is not of the form ${example}.`)
  const hosts = [several[2]!, ...several[3]!.split(',').slice(1)].map(part => hostOf(part, port, example))
  const known = [
    'prefix',
    ...(form.partitions === undefined ? [] : ['partitions']),
    ...(form.parameters ?? []),
  ]
  const parameters = new Map<string, string>()
  for (const [name, value] of url.searchParams) {
    if (!known.includes(name)) throw unknownParameter(name, known)
    parameters.set(name, value)
  }
  const prefix = parameters.get('prefix') ?? 'portolan'
  if (!prefixPattern.test(prefix))
    throw invalid("prefix: use 1 to 40 letters, digits, '_' and '-', as in prefix=shop.")
  return {
    scheme,
    hosts,
    encrypted: scheme !== Object.keys(ports)[0],
    user: url.username === '' ? undefined : decoded(url.username),
    password: url.password === '' ? undefined : decoded(url.password),
    path: decoded(url.pathname.slice(1)),
    prefix,
    partitions: partitionsOf(parameters.get('partitions'), form.partitions),
    parameters,
  }
}

function hostOf(part: string, port: number, example: string): { host: string; port: number } {
  const parsed = URL.parse(`tcp://${part}`)
  if (!parsed || parsed.hostname === '') throw invalid(`It is not of the form ${example}.`)
  // The brackets of an IPv6 address are the URL's.
  const host = parsed.hostname.replace(/^\[|\]$/g, '')
  return { host, port: parsed.port === '' ? port : Number(parsed.port) }
}

function partitionsOf(given: string | undefined, otherwise: number | undefined): number {
  if (given === undefined) return otherwise ?? 0
  const count = Number(given)
  if (Number.isSafeInteger(count) && count >= 1 && count <= mostPartitions) return count
  throw invalid(`partitions: '${given}' is no whole number from 1 to ${mostPartitions}.`)
}

function unknownParameter(name: string, known: readonly string[]): InfrastructureError {
  const meant = closest(name, known)
  const hint = meant === undefined ? `There are: ${known.join(', ')}.` : `Did you mean '${meant}'?`
  return invalid(`It has the unknown parameter '${name}'. ${hint}`)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // Without the cause: its text may be a part of the password.
    throw invalid("It holds a '%' that encodes nothing. Write %25 for a percent sign.")
  }
}

function invalid(what: string): InfrastructureError {
  return new InfrastructureError('invalid_argument', `The broker URL is wrong. ${what}`)
}
