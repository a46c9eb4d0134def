import type { FastifyInstance, FastifyReply } from 'fastify'
import { type Clock, InfrastructureError } from 'portolan'
import { z } from 'zod'
import type { CatalogueItem, EmulatorsOptions } from '../../options.ts'
import type { Payments } from '../../payments/payments.ts'
import type { ChatMessage } from '../../whatsapp/chat-message.ts'
import type { WhatsApp } from '../../whatsapp/whatsapp.ts'
import { type Html, html } from '../html.ts'
import { sendPage } from '../layout.ts'
import { coalesce, streamEvents } from '../server-events.ts'
import { bubble } from './bubble.ts'
import { bubbles, chatPage, type OpenChat } from './chat-page.ts'
import { conversationList } from './conversation-list.ts'

export interface ChatRoutesOptions {
  readonly whatsapp: WhatsApp
  readonly payments: Payments
  readonly catalogue: EmulatorsOptions['catalogue']
  readonly businessName: string
  readonly clock: Clock
}

const pageSize = 60

const said = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), text: z.string().min(1).max(4096), id: z.string().optional() }),
  z.strictObject({
    kind: z.enum(['button', 'row']),
    option: z.string().min(1).max(256),
    title: z.string().min(1).max(80),
    description: z.string().optional(),
    replyTo: z.string().optional(),
    id: z.string().optional(),
  }),
  z.strictObject({
    kind: z.literal('order'),
    items: z
      .array(
        z.strictObject({
          productId: z.string().min(1),
          quantity: z.number().int(),
          unitPrice: z.string(),
          currency: z.string(),
        }),
      )
      .min(1),
    text: z.string().max(1024).optional(),
    id: z.string().optional(),
  }),
])

const customer = z.strictObject({ waId: z.string(), name: z.string().trim().min(1).max(60).optional() })
const decision = z.strictObject({ decision: z.enum(['approve', 'decline', 'timeout']) })

/** The chat page, and the JSON behind it that scripts may use too. */
export function addChatRoutes(server: FastifyInstance, options: ChatRoutesOptions): void {
  const { whatsapp, payments, clock } = options
  const find = (id: string) => whatsapp.find(id)

  server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const wrong = error instanceof z.ZodError || InfrastructureError.is(error, 'invalid_argument')
    const message = error instanceof z.ZodError ? z.prettifyError(error) : error.message
    return reply.code(wrong ? 400 : (error.statusCode ?? 500)).send({ error: message })
  })

  const page = (reply: FastifyReply, open: OpenChat | undefined) =>
    sendPage(reply, {
      title: open ? `${open.name} · Chat` : 'Chat',
      area: 'chat',
      styles: ['chat.css'],
      scripts: ['chat.js', ...(options.catalogue && open ? ['cart.js'] : [])],
      body: chatPage({
        businessName: options.businessName,
        conversations: whatsapp.conversations(),
        catalogue: options.catalogue !== undefined,
        now: clock.now(),
        open,
      }),
    })

  server.get('/chat', async (_request, reply) => page(reply, undefined))

  server.get<{ Params: { waId: string } }>('/chat/:waId', async (request, reply) => {
    const { waId } = request.params
    const name = whatsapp.nameOf(waId)
    if (name === undefined) return reply.redirect('/chat')
    whatsapp.seen(waId)
    const { messages, more } = latest(waId, Number.MAX_SAFE_INTEGER)
    return page(reply, { waId, name, messages, more, find, nextPayment: payments.nextDecision(waId) })
  })

  server.get<{ Params: { waId: string }; Querystring: { before?: string } }>(
    '/chat/:waId/older',
    async request => {
      const { messages, more } = latest(request.params.waId, Number(request.query.before ?? 0))
      return { html: bubbles(messages, find).html, more }
    },
  )

  server.get<{ Querystring: { search?: string; selected?: string } }>(
    '/chat/conversations',
    async request => ({
      html: listed(request.query.search, request.query.selected).html,
    }),
  )

  server.post('/chat/customers', async request => {
    const { waId, name } = customer.parse(request.body)
    const digits = waId.replace(/[\s()+./-]/g, '')
    whatsapp.customer(digits, name === undefined ? {} : { name })
    return { waId: digits, url: `/chat/${digits}` }
  })

  server.post<{ Params: { waId: string } }>('/chat/:waId/messages', async (request, reply) => {
    const person = whatsapp.customer(request.params.waId)
    const message = said.parse(request.body)
    const id = message.id === undefined ? {} : { id: message.id }
    switch (message.kind) {
      case 'text':
        return reply.code(201).send({ id: await person.sendText(message.text, id) })
      case 'order':
        return reply.code(201).send({ id: await person.sendOrder({ ...message, ...id }) })
      default: {
        const { option, title, replyTo, description } = message
        const context = { ...id, ...(replyTo !== undefined && { replyTo }) }
        const sent =
          message.kind === 'button'
            ? person.tapButton(option, title, context)
            : person.chooseRow(option, title, { ...context, ...(description ? { description } : {}) })
        return reply.code(201).send({ id: await sent })
      }
    }
  })

  server.put<{ Params: { waId: string } }>('/chat/:waId/next-payment', async request => {
    const parsed = decision.parse(request.body)
    await payments.decideNext(request.params.waId, parsed.decision)
    return parsed
  })

  server.get<{ Querystring: { search?: string } }>('/chat/catalogue', async request => {
    const items = (await options.catalogue?.({ search: request.query.search ?? '', limit: 40 })) ?? []
    return { html: products(items).html }
  })

  server.get<{ Querystring: { waId?: string; after?: string } }>('/chat/events', (request, reply) => {
    const { waId, after } = request.query
    streamEvents(reply, clock, stream => {
      const show = (message: ChatMessage) =>
        stream.send('message', { html: rendered(message).html, from: message.from })
      const refresh = coalesce(clock, 250, () => stream.send('conversations', {}))
      const endPayments = payments.events.subscribe(({ customer }) => {
        if (customer === waId) stream.send('next-payment', { decision: payments.nextDecision(waId) })
      })
      const endChat = whatsapp.events.subscribe(event => {
        if (event.kind === 'message') refresh()
        const about = event.kind === 'message' ? event.message.waId : event.waId
        if (about !== waId) return
        if (event.kind !== 'message') return stream.send(event.kind, event)
        whatsapp.seen(waId)
        show(event.message)
      })
      // What came between the page and its stream.
      if (waId !== undefined && after !== undefined)
        for (const message of whatsapp.messages({ waId, after: Number(after) })) show(message)
      return () => {
        endPayments()
        endChat()
      }
    })
  })

  function rendered(message: ChatMessage): Html {
    return bubble(message, message.replyTo === undefined ? undefined : find(message.replyTo))
  }

  function listed(search: string | undefined, selected: string | undefined): Html {
    return conversationList(whatsapp.conversations(search), selected, clock.now())
  }

  function latest(waId: string, before: number): { messages: ChatMessage[]; more: boolean } {
    const found = whatsapp.messages({ waId, before, limit: pageSize + 1 })
    return { messages: found.slice(0, pageSize).reverse(), more: found.length > pageSize }
  }
}

function products(items: readonly CatalogueItem[]): Html {
  if (items.length === 0) return html`<li class="nobody">No product is called that.</li>`
  return html`${items.map(
    item => html`<li data-id="${item.id}" data-price="${item.price}" data-currency="${item.currency}" data-name="${item.name}">
<span><b>${item.name}</b><span>${item.id}</span></span><span class="price">${item.currency} ${item.price}</span>
<span class="stepper"><button type="button" class="icon" data-step="-1" aria-label="One less ${item.name}">−</button><output>0</output><button type="button" class="icon" data-step="1" aria-label="One more ${item.name}">+</button></span></li>`,
  )}`
}
