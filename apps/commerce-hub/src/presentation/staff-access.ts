import { createHash, timingSafeEqual } from 'node:crypto'
import type { Secret } from 'portolan'
import type { Rest } from 'portolan/rest'

/** What others must reach without the password: each of these has a check of its own, or nothing to hide. */
const open = ['/webhooks/', '/health/']

/** Nothing changes because of a page of somebody else: browsers tell where a request comes from (Fetch Metadata). */
export function refuseOtherSites(rest: Rest): void {
  rest.native.addHook('onRequest', async (request, reply) => {
    const reads = request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS'
    const site = request.headers['sec-fetch-site']
    if (reads || site === undefined || site === 'same-origin' || site === 'none') return
    await reply
      .code(403)
      .type('text/plain; charset=utf-8')
      .send('Requests from other sites change nothing here.\n')
  })
}

/** Keeps pages and API behind a password (HTTP Basic, user `staff`), where one is set. Put TLS in front of it. */
export function guardStaff(rest: Rest, password: Secret | undefined): void {
  if (!password) return
  const expected = digest(`Basic ${Buffer.from(`staff:${password.reveal()}`).toString('base64')}`)
  rest.native.addHook('onRequest', async (request, reply) => {
    if (open.some(prefix => request.url.startsWith(prefix))) return
    if (timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) return
    await reply
      .code(401)
      .header('www-authenticate', 'Basic realm="Gift shop", charset="UTF-8"')
      .type('text/plain; charset=utf-8')
      .send('Staff only: sign in as "staff" with the password of this shop.\n')
  })
}

/** Digests have one length, so that comparing them tells nothing. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
