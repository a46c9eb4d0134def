import type { StandingHeader } from '../network/credentials.ts'
import type { HttpClientOptions, OwnedHttpClient } from '../network/http-client.ts'
import type { Schema } from '../ports/schema.ts'

/**
 * A server on the loopback that answers as follows.
 *
 * - `/echo`: 200 and JSON `{ method, path, query, headers, body }` of the request (`body` as text)
 * - `/status/503`: that status and a JSON body; `?retry-after=…` becomes the header; 3xx have a `Location` of another origin
 * - `/problem`: 422 and problem details `{ type, title: 'No stock', status, detail: 'Mugs are sold out', sku: 'MUG' }`
 * - `/leak`: 400 and text that repeats the request's `authorization`, `x-api-key` and query
 * - `/flaky/KEY?times=2&how=503`: fails that often for the key (`503`, `429`, `reset` or `hang`), then as `/echo`
 * - `/hang`: nothing, ever; `/hang-body`: headers, a part of a body, nothing more
 * - `/reset`: the connection is reset; `/reset-body`: after a part of the body
 * - `/bytes/N`: N bytes of JSON text; `/stream/N`: the same without a length
 * - `/text`: 200, `text/html`; `/empty`: 204
 */
export interface HttpFixture {
  readonly baseUrl: string
  /** An address that refuses connections. */
  readonly nowhere: string
  /** How often a path (without its query) was asked for. */
  count(path: string): number
}

export interface HttpClientHarness extends AsyncDisposable {
  readonly server: HttpFixture
  /** A client with the driver under test; closed with the harness. */
  open(options?: Partial<HttpClientOptions>): OwnedHttpClient
}

/** What `/echo` answers. */
export interface Echo {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Waits that need not be awaited in a test. */
export const fast = { from: 1, to: 5 } as const

/** The credential of a client, as `bearer` makes it. */
export const token = (text: string): StandingHeader => ({
  name: 'authorization',
  value: () => `Bearer ${text}`,
  secret: true,
})

/** A schema that demands one text field, and leaves the others out. */
export function picks(name: string): Schema<Record<string, string>> {
  return {
    '~standard': {
      version: 1,
      vendor: 'contract',
      validate(value) {
        const field = (value as Record<string, unknown>)[name]
        return typeof field === 'string'
          ? { value: { [name]: field } }
          : { issues: [{ message: 'is missing', path: [name] }] }
      },
    },
  }
}
