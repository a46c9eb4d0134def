import type { ChatFault } from '../../src/contracts/chat-messenger.ts'
import type { ChatContent, OutgoingChat } from '../../src/ports/chat-messenger.ts'
import { type Incoming, json, localServer } from './local-server.ts'

/** As much of the Cloud API as a contract needs. */
export async function openCloudApi() {
  const bodies: CloudMessage[] = []
  const read: string[] = []
  let requests = 0
  let fault: ChatFault | undefined

  function refuse(status: number, code: number, { response }: Incoming): void {
    json(response, status, { error: { message: `(#${code}) Refused`, code, fbtrace_id: 'trace' } })
  }

  const server = await localServer(incoming => {
    const { request, response, body } = incoming
    requests += 1
    const injected = fault
    fault = undefined
    if (injected === 'hang') return
    if (injected === 'reset') {
      request.socket.resetAndDestroy()
      return
    }
    if (injected === 'rate_limited') return refuse(400, 131_056, incoming)
    if (injected === 'unavailable') return refuse(503, 131_016, incoming)
    if (injected === 'unauthenticated' || request.headers.authorization !== 'Bearer the-token')
      return refuse(401, 190, incoming)
    if (request.method !== 'POST' || request.url !== '/v23.0/1065/messages') return refuse(404, 33, incoming)

    const message = JSON.parse(body) as CloudMessage
    if (message.status === 'read') {
      read.push(message.message_id!)
      json(response, 200, { success: true })
      return
    }
    bodies.push(message)
    json(response, 200, {
      messaging_product: 'whatsapp',
      contacts: [{ input: message.to, wa_id: message.to }],
      messages: [{ id: `wamid.${bodies.length}` }],
    })
  })
  return {
    ...server,
    bodies,
    received: () => bodies.map(toOutgoing),
    read: () => read,
    requests: () => requests,
    fail: (next: ChatFault) => {
      fault = next
    },
  }
}

interface CloudMessage {
  readonly to: string
  readonly type: string
  readonly status?: string
  readonly message_id?: string
  readonly text?: { readonly body: string }
  readonly interactive?: {
    readonly type: 'button' | 'list'
    readonly body: { readonly text: string }
    readonly action: {
      readonly button: string
      readonly buttons: readonly { readonly reply: { readonly id: string; readonly title: string } }[]
      readonly sections: (ChatContent & { type: 'list' })['sections']
    }
  }
  readonly context?: { readonly message_id: string }
  readonly biz_opaque_callback_data?: string
}

function toOutgoing(message: CloudMessage): OutgoingChat {
  const { to, context, biz_opaque_callback_data: correlation } = message
  return {
    to,
    content: toContent(message),
    ...(context && { replyTo: context.message_id }),
    ...(correlation && { correlation }),
  }
}

function toContent({ text, interactive }: CloudMessage): ChatContent {
  if (text) return { type: 'text', body: text.body }
  const { type, body, action } = interactive!
  if (type === 'button')
    return { type: 'buttons', body: body.text, buttons: action.buttons.map(({ reply }) => reply) }
  return { type: 'list', body: body.text, button: action.button, sections: action.sections }
}
