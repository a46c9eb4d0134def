import type { FastifyInstance } from 'fastify'
import { type ApiOptions, type Fail, parse, textOf, unknownObject } from './api-exchange.ts'
import { graphError } from './errors.ts'
import type { Template } from './templates.ts'

/** Message templates and webhook subscriptions of the business account. */
export function addAccountRoutes(server: FastifyInstance, options: ApiOptions, fail: Fail): void {
  const { whatsapp, store } = options
  const { account, facade, outbound } = whatsapp
  const { templates } = facade

  server.register(async scope => {
    scope.addHook('preHandler', (request, reply, done) => {
      const { object } = request.params as { object: string }
      if (object !== account.businessAccountId) return void fail(reply, unknownObject(request.url))
      done()
    })

    scope.get<{ Querystring: { name?: string } }>('/:version/:object/message_templates', async request => ({
      data: templates.list(request.query.name),
      paging: { cursors: { before: 'MAZDZD', after: 'MjQZD' } },
    }))

    scope.post('/:version/:object/message_templates', async (request, reply) => {
      const body = parse(textOf(request.body)) as Partial<Template> | undefined
      const error = outbound.validation.template(body)
      if (error) return fail(reply, error)
      const { name, language, category, components } = body ?? {}
      if (!name || !language || !category || !Array.isArray(components)) {
        return fail(reply, graphError(100, 'name, language, category and components are required.'))
      }
      if (!/^[a-z0-9_]{1,512}$/.test(name)) {
        return fail(reply, graphError(100, 'name: lower case letters, digits and underscores.'))
      }
      const made = templates.create({ name, language, category, components })
      if (!made)
        return fail(reply, graphError(100, `There is already ${language} content for this template.`))
      await store.committed()
      return reply.send({ id: made.id, status: made.status, category: made.category })
    })

    scope.delete<{ Querystring: { name?: string } }>(
      '/:version/:object/message_templates',
      async (request, reply) => {
        if (!templates.delete(request.query.name ?? '')) {
          return fail(reply, graphError(100, 'There is no template of this name.'))
        }
        await store.committed()
        return reply.send({ success: true })
      },
    )

    scope.get('/:version/:object/subscribed_apps', async () => ({ data: [subscribedApp] }))

    scope.post('/:version/:object/subscribed_apps', async (request, reply) => {
      const text = textOf(request.body)
      const body = (text === '' ? {} : parse(text)) as { override_callback_uri?: string } | undefined
      const error = outbound.validation.subscription(body)
      if (error) return fail(reply, error)
      const address = body?.override_callback_uri
      if (address !== undefined) {
        if (!URL.canParse(address)) return fail(reply, graphError(100, 'override_callback_uri is no URL.'))
        facade.subscribe(address)
      }
      return reply.send({ success: true })
    })
  })
}

const subscribedApp = {
  whatsapp_business_api_data: {
    id: '670843887433847',
    name: 'Emulated application',
    link: 'http://localhost',
  },
}
