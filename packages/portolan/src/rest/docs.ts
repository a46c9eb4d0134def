import type { FastifyInstance } from 'fastify'
import { docsPage } from './docs-page.ts'
import { type ApiInfo, openApiDocument } from './openapi.ts'
import { html, Reply } from './reply.ts'
import type { Responder } from './respond.ts'
import type { Operation } from './route.ts'
import { pagePolicy } from './security-headers.ts'

/** `/openapi.json` for programs and `/docs` for people. Both are made once; the page when it is first asked for, as it shows the address. */
export function serveDocs(
  native: FastifyInstance,
  responder: Responder,
  info: ApiInfo,
  operations: readonly Operation[],
  address: () => string,
): void {
  const document = openApiDocument(info, operations)
  const json = new Reply(
    200,
    JSON.stringify(document, null, 2),
    { 'content-type': 'application/json' },
    'bytes',
  )
  const makePage = () =>
    html(docsPage(document, address()), { headers: { 'content-security-policy': pagePolicy(undefined) } })
  let page: Reply | undefined
  native.get('/openapi.json', (request, reply) => responder.run(request, reply, () => json))
  native.get('/docs', { config: { page: true } }, (request, reply) =>
    responder.run(request, reply, () => {
      page ??= makePage()
      return page
    }),
  )
}
