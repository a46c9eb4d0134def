import type { FastifyInstance } from 'fastify'
import { type ApiOptions, type Fail, unknownObject } from './api-exchange.ts'
import { graphError } from './errors.ts'

/** Upload, facts, download and deletion of media. */
export function addMediaRoutes(server: FastifyInstance, { whatsapp, store }: ApiOptions, fail: Fail): void {
  const { media, account, facade } = whatsapp

  server.post<{ Params: { object: string } }>('/:version/:object/media', async (request, reply) => {
    if (request.params.object !== account.phoneNumberId) return fail(reply, unknownObject(request.url))
    const form = await formOf(request.body, request.headers['content-type'])
    if (!form) return fail(reply, graphError(100, 'The body must be multipart/form-data.'))
    if (form.get('messaging_product') !== 'whatsapp') {
      return fail(reply, graphError(100, 'The parameter messaging_product is required.'))
    }
    const file = form.get('file')
    if (!(file instanceof Blob)) return fail(reply, graphError(100, 'The parameter file is required.'))
    const type = form.get('type')
    const { id } = media.add(
      new Uint8Array(await file.arrayBuffer()),
      typeof type === 'string' ? type : file.type || 'application/octet-stream',
    )
    await store.committed()
    return reply.send({ id })
  })

  server.get<{ Params: { version: string; object: string } }>('/:version/:object', async (request, reply) => {
    const found = media.find(request.params.object)
    if (!found) return fail(reply, unknownObject(request.url))
    const url = `${facade.url}/${request.params.version}/media-file/${found.id}`
    return reply.send({ messaging_product: 'whatsapp', url, ...found })
  })

  server.get<{ Params: { object: string } }>('/:version/media-file/:object', async (request, reply) => {
    const found = media.find(request.params.object)
    if (!found) return fail(reply, graphError(131052, 'There is no such file.'))
    return reply
      .type(found.mime_type)
      .header('content-disposition', 'attachment')
      .header('x-content-type-options', 'nosniff')
      .send(Buffer.from(media.bytes(found.id)!))
  })

  server.delete<{ Params: { object: string } }>('/:version/:object', async (request, reply) => {
    if (!media.delete(request.params.object)) return fail(reply, unknownObject(request.url))
    await store.committed()
    return reply.send({ success: true })
  })
}

async function formOf(body: unknown, contentType: string | undefined): Promise<FormData | undefined> {
  if (!Buffer.isBuffer(body) || !contentType?.startsWith('multipart/form-data')) return undefined
  try {
    // The platform parses forms: no library is needed for it.
    return await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData()
  } catch {
    return undefined
  }
}
