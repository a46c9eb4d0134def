import { InfrastructureError } from '../../ports/errors.ts'

export interface SmtpServer {
  readonly host: string
  readonly port: number
  readonly secure: boolean
  readonly user?: string
  readonly password?: string
  readonly connections?: number
  readonly domain?: string
  readonly requireTls?: boolean
}

const parameters = ['connections', 'domain', 'requireTls']

/**
 * Reads `smtp(s)://user:password@host:port?connections=5&domain=example.com&requireTls=true`.
 *
 * @throws InfrastructureError `invalid_argument`, without the address: it may hold a password.
 */
export function parseSmtpUrl(text: string): SmtpServer {
  const url = URL.parse(text)
  if (!url || !/^smtps?:$/.test(url.protocol) || !url.hostname)
    throw misfit("is not of the form 'smtp://user:password@host:port' (or smtps://)")
  for (const name of url.searchParams.keys())
    if (!parameters.includes(name))
      throw misfit(`has the unknown parameter '${name}'. Allowed: ${parameters.join(', ')}`)

  const secure = url.protocol === 'smtps:'
  const connections = url.searchParams.get('connections')
  if (connections !== null && !/^[1-9]\d{0,2}$/.test(connections))
    throw misfit('has connections that are no count')
  const requireTls = url.searchParams.get('requireTls')
  if (requireTls !== null && !['true', 'false'].includes(requireTls))
    throw misfit("has a requireTls that is neither 'true' nor 'false'")
  const domain = url.searchParams.get('domain')
  return {
    // The brackets of an IPv6 address are the URL's.
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port ? Number(url.port) : secure ? 465 : 587,
    secure,
    ...(url.username && { user: decode(url.username) }),
    ...(url.username && { password: decode(url.password) }),
    ...(connections !== null && { connections: Number(connections) }),
    ...(domain !== null && { domain }),
    ...(requireTls !== null && { requireTls: requireTls === 'true' }),
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw misfit("has a user or password with a '%' that encodes nothing; write it as %25")
  }
}

function misfit(how: string): InfrastructureError {
  return new InfrastructureError('invalid_argument', `The address of the mail server ${how}.`)
}
