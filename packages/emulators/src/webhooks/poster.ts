import { Pool } from 'undici'

/** Sends one webhook; resolves with the status of the answer. */
export type Post = (body: string) => Promise<number>

export interface Poster {
  readonly post: Post
  /** Where webhooks go; `undefined` while the application has not said. */
  url: string | undefined
  close(): Promise<void>
}

const timeoutMs = 10_000

/** Posts JSON over connections that stay open. `sign` makes the headers of a body. */
export function createPoster(
  sign: (body: string) => Record<string, string>,
  initial: string | undefined,
  connections: number,
): Poster {
  let url: URL | undefined
  let pool: Pool | undefined

  const poster: Poster = {
    async post(body) {
      if (!url) throw new Error('No webhook address was given yet.')
      pool ??= new Pool(url.origin, { connections, headersTimeout: timeoutMs, bodyTimeout: timeoutMs })
      const response = await pool.request({
        method: 'POST',
        path: url.pathname + url.search,
        headers: { 'content-type': 'application/json', ...sign(body) },
        body,
      })
      await response.body.dump()
      return response.statusCode
    },
    get url() {
      return url?.href
    },
    set url(next) {
      const parsed = next === undefined ? undefined : new URL(next)
      if (parsed?.origin !== url?.origin) {
        void pool?.close()
        pool = undefined
      }
      url = parsed
    },
    async close() {
      await pool?.destroy()
    },
  }
  poster.url = initial
  return poster
}
