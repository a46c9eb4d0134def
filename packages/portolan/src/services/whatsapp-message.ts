import type { ChatContent, OutgoingChat } from '../ports/chat-messenger.ts'
import { checkCount, checkLength, checkUnique, invalid } from './limits.ts'

/**
 * The Cloud API's body of a message.
 *
 * @throws InfrastructureError `invalid_argument` with `details.field` when it goes beyond what the API takes.
 */
export function messageBody({ to, content, replyTo, correlation }: OutgoingChat): object {
  if (correlation !== undefined) checkLength('correlation', correlation, 512)
  if (replyTo !== undefined) checkLength('replyTo', replyTo, 512)
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    ...recipient(to),
    ...(replyTo && { context: { message_id: replyTo } }),
    ...contentBody(content),
    ...(correlation && { biz_opaque_callback_data: correlation }),
  }
}

/** A business-scoped user id has a field of its own; a number goes first where both are known. */
function recipient(to: string): object {
  if (/^\d{5,20}$/.test(to)) return { to }
  if (/^[A-Z]{2}\.[A-Za-z0-9.]{1,128}$/.test(to)) return { recipient: to }
  throw invalid(
    'to',
    "is neither a WhatsApp id (digits only) nor a user id such as 'US.13491208655302741918'",
  )
}

function contentBody(content: ChatContent): object {
  switch (content.type) {
    case 'text':
      checkLength('content.body', content.body, 4_096)
      return { type: 'text', text: { body: content.body } }
    case 'buttons':
      return { type: 'interactive', interactive: buttons(content) }
    case 'list':
      return { type: 'interactive', interactive: list(content) }
    case 'template':
      return { type: 'template', template: template(content) }
  }
}

function buttons({ body, buttons }: ChatContent & { type: 'buttons' }): object {
  checkLength('content.body', body, 1_024)
  checkCount('content.buttons', buttons, 3)
  buttons.forEach(({ id, title }, i) => {
    checkLength(`content.buttons[${i}].id`, id, 256)
    checkLength(`content.buttons[${i}].title`, title, 20)
    if (id.trim() !== id) throw invalid(`content.buttons[${i}].id`, 'begins or ends with a blank')
  })
  checkUnique(
    'content.buttons[].id',
    buttons.map(({ id }) => id),
  )
  checkUnique(
    'content.buttons[].title',
    buttons.map(({ title }) => title),
  )
  return {
    type: 'button',
    body: { text: body },
    action: { buttons: buttons.map(({ id, title }) => ({ type: 'reply', reply: { id, title } })) },
  }
}

function list({ body, button, sections }: ChatContent & { type: 'list' }): object {
  checkLength('content.body', body, 1_024)
  checkLength('content.button', button, 20)
  checkCount('content.sections', sections, 10)
  sections.forEach(({ title, rows }, s) => {
    const path = `content.sections[${s}]`
    if (title !== undefined) checkLength(`${path}.title`, title, 24)
    else if (sections.length > 1)
      throw invalid(`${path}.title`, 'is missing; a list of several sections needs it')
    checkCount(`${path}.rows`, rows, 10)
    rows.forEach(({ id, title: name, description }, r) => {
      checkLength(`${path}.rows[${r}].id`, id, 200)
      checkLength(`${path}.rows[${r}].title`, name, 24)
      if (description !== undefined) checkLength(`${path}.rows[${r}].description`, description, 72)
    })
  })
  const rows = sections.flatMap(section => section.rows)
  checkCount('content.sections[].rows', rows, 10)
  checkUnique(
    'content.sections[].rows[].id',
    rows.map(({ id }) => id),
  )
  return {
    type: 'list',
    body: { text: body },
    action: {
      button,
      sections: sections.map(({ title, rows }) => ({
        ...(title && { title }),
        rows: rows.map(({ id, title, description }) => ({ id, title, ...(description && { description }) })),
      })),
    },
  }
}

function template({ name, language, parameters = [] }: ChatContent & { type: 'template' }): object {
  checkLength('content.name', name, 512)
  checkLength('content.language', language, 16)
  for (const [i, text] of parameters.entries()) checkLength(`content.parameters[${i}]`, text, 1_024)
  const body = { type: 'body', parameters: parameters.map(text => ({ type: 'text', text })) }
  return { name, language: { code: language }, ...(parameters.length > 0 && { components: [body] }) }
}
