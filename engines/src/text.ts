/** The host, port and path of a URL, without the user, the password and the parameters; `undefined` when it is none. */
export function addressOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined
  const { host, pathname } = new URL(url)
  return host === '' ? undefined : `${host}${pathname === '/' ? '' : pathname}`
}

/** A URL that may be shown. */
export function withoutPassword(url: string): string {
  const shown = new URL(url)
  if (shown.password !== '') shown.password = '***'
  shown.search = ''
  return shown.href
}

/** What an error says; that of a connection with several addresses says nothing but has an error for each of them. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join(', ')
  return error instanceof Error ? error.message : String(error)
}
