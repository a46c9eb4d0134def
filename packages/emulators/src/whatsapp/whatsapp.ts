import { InfrastructureError } from 'portolan'
import type { Surroundings } from 'portolan/runtime'
import { createFaults, type Faults } from '../faults/faults.ts'
import { createFeed, type Feed } from '../feed.ts'
import type { Store } from '../store/store.ts'
import { createPoster } from '../webhooks/poster.ts'
import { createWebhookQueue, type WebhookEvent } from '../webhooks/queue.ts'
import { type ChatMessage, type MessageRow, type OutboundMessage, toChatMessage } from './chat-message.ts'
import { type Conversation, createConversations, type MessageQuery } from './conversations.ts'
import { type Customer, createCustomer, type Say } from './customer.ts'
import { type WhatsAppFaults, whatsAppFaults } from './faults.ts'
import { inboundJson } from './inbound.ts'
import { createMediaStore } from './media.ts'
import { createOutbound } from './outbound.ts'
import { createTemplates, type Templates } from './templates.ts'
import { verifyWebhook } from './verification.ts'
import { type BusinessAccount, messagesBody, signature, statusesBody, statusesJson } from './webhook-body.ts'

export interface WhatsAppOptions {
  /** The bearer token that the application must show. */
  readonly token: string
  /** Signs the webhooks. */
  readonly appSecret: string
  /** What the application expects at the verification of its webhook. */
  readonly verifyToken: string
  /** Digits. */
  readonly phoneNumberId: string
  /** Where webhooks go. They wait while it is unknown; see `subscribe`. */
  readonly webhookUrl?: string
  /** Whether `sent`, `delivered` and `read` are reported. Default true. */
  readonly statuses?: boolean
  /** The WhatsApp Business Account: digits. Default `'102290129340398'`. */
  readonly businessAccountId?: string
  /** What customers see: digits. Default `'15550783881'`. */
  readonly displayPhoneNumber?: string
  /** The business's name in the chat. Default `'The shop'`. */
  readonly businessName?: string
  /** Templates that are approved from the beginning. */
  readonly templates?: readonly { readonly name: string; readonly language: string; readonly body: string }[]
}

/** What happens in the chat, as it happens. */
export type ChatEvent =
  | { readonly kind: 'message'; readonly message: ChatMessage }
  | {
      readonly kind: 'status'
      readonly waId: string
      readonly id: string
      readonly status: ChatMessage['status']
    }
  | { readonly kind: 'typing'; readonly waId: string }

/** The WhatsApp Cloud API as the customers' side of it sees it. */
export interface WhatsApp {
  /** The base URL of the API, to be used in place of `https://graph.facebook.com`. */
  readonly url: string
  readonly faults: Faults<WhatsAppFaults>
  readonly templates: Templates
  readonly events: Feed<ChatEvent>
  /** `waId`: digits only, with country code. */
  customer(waId: string, profile?: { readonly name?: string }): Customer
  /** Calls `listener` with each message of the business that was accepted. Returns what ends it. */
  onMessage(listener: (message: OutboundMessage) => void): () => void
  /** Stored messages of both directions, oldest first (latest first with `before`). */
  messages(query?: MessageQuery): ChatMessage[]
  /** A message of either direction, by its wamid. */
  find(id: string): ChatMessage | undefined
  /** Latest first. `search` is a part of a name or a number. Default limit 100. */
  conversations(search?: string, limit?: number): Conversation[]
  /** `undefined` for somebody unknown. */
  nameOf(waId: string): string | undefined
  /** Messages of both directions. */
  count(): number
  /** Requests to the API since the start, refused ones included. */
  requests(): number
  /** The customer has looked at the chat. */
  seen(waId: string): void
  /** Sets the address of the webhook; what waits is delivered at once. */
  subscribe(webhookUrl: string): void
  /** The handshake: whether the application echoes a challenge to the right token. */
  verify(): Promise<boolean>
  /** Messages and statuses whose webhook was not acknowledged yet. */
  pendingWebhooks(): number
}

export function createWhatsApp(
  options: WhatsAppOptions,
  store: Store,
  url: () => string,
  surroundings: Surroundings,
) {
  const { clock, ids, random, logger } = surroundings
  const account: BusinessAccount = {
    businessAccountId: options.businessAccountId ?? '102290129340398',
    phoneNumberId: options.phoneNumberId,
    displayPhoneNumber: options.displayPhoneNumber ?? '15550783881',
  }
  const nextId = () => `wamid.HBg${ids.next().replaceAll('-', '').toUpperCase()}`
  const events = createFeed<ChatEvent>()
  const accepted = createFeed<OutboundMessage>()
  const conversations = createConversations(store)
  const templates = createTemplates(store, numericId)
  const media = createMediaStore(store, numericId)
  const poster = createPoster(
    body => ({ 'x-hub-signature-256': signature(options.appSecret, body) }),
    options.webhookUrl,
    16,
  )
  const faults = createFaults<WhatsAppFaults>(whatsAppFaults, () => {
    messages.wake()
    statuses.wake()
  })
  let requests = 0
  const names = new Map<string, string>()

  function nameOf(waId: string): string {
    const known = names.get(waId)
    if (known !== undefined) return known
    const name = conversations.customer(waId)?.name ?? `+${waId}`
    names.set(waId, name)
    return name
  }

  const messages = createWebhookQueue({
    ...{ clock, random, logger, settled, post: poster.post },
    faults: () => faults.current,
    ...{ batch: 50, lingerMs: 0, concurrency: 16 },
    encode: batch => messagesBody(account, batch, nameOf),
  })
  const statuses = createWebhookQueue({
    ...{ clock, random, logger, settled, post: poster.post },
    faults: () => faults.current,
    ...{ batch: 100, lingerMs: 50, concurrency: 4 },
    encode: batch => statusesBody(account, batch),
  })

  function settled(batch: readonly WebhookEvent[]): void {
    for (const { seq } of batch) {
      conversations.acknowledge(seq)
      const message = events.watched ? conversations.get(seq) : undefined
      if (message) publishStatus(message)
    }
  }

  function publishStatus({ waId, id, status }: Pick<ChatMessage, 'waId' | 'id' | 'status'>): void {
    events.publish({ kind: 'status', waId, id, status })
  }

  const outbound = createOutbound({
    ...{ clock, random, store, conversations, templates, faults, nextId },
    statuses: options.statuses ?? true,
    accepted(row, message) {
      if (options.statuses ?? true) pushStatuses(row)
      accepted.publish(message)
      events.publish({ kind: 'message', message })
    },
    marked({ wa_id: waId, id }, typing) {
      publishStatus({ waId, id, status: 'read' })
      if (typing) events.publish({ kind: 'typing', waId })
    },
  })

  function numericId(): string {
    return String(100_000_000_000_000 + Math.floor(random.next() * 899_999_999_999_999))
  }

  function pushStatuses(row: MessageRow): void {
    statuses.push({ seq: row.seq, key: '', json: statusesJson(row), at: row.at })
  }

  function pushMessage(row: MessageRow): void {
    messages.push({ seq: row.seq, key: row.wa_id, json: row.content, at: row.at })
  }

  function sayAs(waId: string): Say {
    return async (content, { id = nextId(), sentAt, replyTo }) => {
      const at = clock.now()
      const json = inboundJson({
        ...{ from: waId, id, content, replyTo, business: account.displayPhoneNumber },
        sentAtMs: sentAt?.getTime() ?? at,
      })
      const row = conversations.add({
        ...{ id, inbound: 1, waId, type: content.type, text: content.text, replyTo: replyTo ?? null, at },
        ...{ status: 'sent', errorCode: null, correlation: null, content: json, acknowledged: 0 },
      })
      if (!row) {
        await store.committed()
        return id
      }
      conversations.heard(waId, nameOf(waId), at)
      await store.committed()
      pushMessage(row)
      if (events.watched) events.publish({ kind: 'message', message: toChatMessage(row) })
      return id
    }
  }

  const facade: WhatsApp = {
    get url() {
      return `${url()}/whatsapp`
    },
    faults,
    templates,
    events,
    customer(waId, { name } = {}) {
      if (!/^\d{5,20}$/.test(waId)) {
        throw new InfrastructureError(
          'invalid_argument',
          `'${waId}' is no WhatsApp id: give 5 to 20 digits, country code first.`,
        )
      }
      if (name !== undefined && name !== names.get(waId)) {
        names.set(waId, name)
        conversations.rename(name, waId)
        conversations.meet(waId, name)
      } else if (!conversations.customer(waId)) conversations.meet(waId, `+${waId}`)
      return createCustomer(waId, account.businessAccountId, sayAs(waId))
    },
    onMessage: listener => accepted.subscribe(listener),
    messages: query => conversations.messages(query),
    find(id) {
      const row = conversations.find(id)
      return row && toChatMessage(row)
    },
    count: conversations.count,
    requests: () => requests,
    nameOf: waId => conversations.customer(waId)?.name,
    conversations: (search, limit) => conversations.conversations(search, limit),
    seen(waId) {
      conversations.see(waId)
    },
    subscribe(webhookUrl) {
      poster.url = webhookUrl
      messages.wake()
      statuses.wake()
    },
    verify: () => verifyWebhook(poster.url, options.verifyToken, ids.next()),
    pendingWebhooks: () => messages.size + statuses.size,
  }

  return {
    facade,
    outbound,
    media,
    arrived() {
      requests += 1
    },
    account,
    /** Takes up what the last process left. */
    resume(): void {
      for (const { name, language, body } of options.templates ?? []) {
        templates.create({ name, language, category: 'UTILITY', components: [{ type: 'BODY', text: body }] })
      }
      for (const row of conversations.unacknowledged()) {
        if (row.inbound === 1) pushMessage(row)
        else pushStatuses(row)
      }
    },
    async drain(): Promise<void> {
      await Promise.all([messages.close(), statuses.close()])
    },
    close: () => poster.close(),
  }
}
