import type { FastifyInstance } from 'fastify'
import type { Clock } from 'portolan'
import type { MailInbox, ReceivedMail } from '../mail/mail.ts'
import { counted } from './counted.ts'
import { type Html, html } from './html.ts'
import { sendPage } from './layout.ts'
import { streamEvents } from './server-events.ts'

const timeOf = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' })
const views = ['html', 'text', 'source'] as const
type View = (typeof views)[number]

/** The inbox, and one mail. */
export function addMailPages(server: FastifyInstance, mail: MailInbox, clock: Clock): void {
  const shown = () => counted(mail.count(), 'mail')

  server.get<{ Querystring: { before?: string } }>('/mail', async (request, reply) => {
    const before = Number(request.query.before) || undefined
    const mails = await mail.list(before === undefined ? {} : { before })
    const last = mails.at(-1)
    return sendPage(reply, {
      title: 'Mail',
      area: 'mail',
      scripts: before === undefined ? ['live.js'] : [],
      body: html`<main class="sheet-page">
<header><h1>Mail</h1><p class="lead"><span data-count="mails">${shown()}</span> at <code>${mail.url}</code></p></header>
<div class="card"><ul class="mails" data-live="/mail/events">${mails.map(item)}</ul>
${mails.length === 0 && html`<p class="empty">Nothing here. Mails that the application sends appear at once.</p>`}</div>
${last && mails.length === 50 && html`<p><a href="/mail?before=${last.seq}">Earlier mails</a></p>`}
</main>`,
    })
  })

  server.get('/mail/events', (_request, reply) => {
    streamEvents(reply, clock, stream =>
      mail.events.subscribe(async id => {
        const received = await mail.get(id)
        if (received) stream.send('row', { id, html: item(received).html, counts: { mails: shown() } })
      }),
    )
  })

  server.get<{ Params: { id: string }; Querystring: { view?: string } }>(
    '/mail/:id',
    async (request, reply) => {
      const received = await mail.get(request.params.id)
      if (!received) return reply.redirect('/mail')
      const asked = views.find(view => view === request.query.view)
      const view = asked ?? (received.html === undefined ? 'text' : 'html')
      return sendPage(reply, { title: received.subject, area: 'mail', body: mailPage(received, view) })
    },
  )

  // A document of its own, without scripts, forms or anything from elsewhere, whatever the mail says.
  server.get<{ Params: { id: string } }>('/mail/:id/html', async (request, reply) => {
    const received = await mail.get(request.params.id)
    return reply
      .code(received ? 200 : 404)
      .type('text/html; charset=utf-8')
      .header(
        'content-security-policy',
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'",
      )
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .send(received?.html ?? '')
  })
}

function item(mail: ReceivedMail): Html {
  return html`<li data-id="${mail.id}"><a href="/mail/${encodeURIComponent(mail.id)}"><b>${mail.subject || '(no subject)'}</b><time datetime="${mail.at.toISOString()}">${timeOf.format(mail.at)}</time>
<span>${mail.recipients.join(', ')}</span><span>${mail.deliveries > 1 && `came ${mail.deliveries} times`}</span></a></li>`
}

function mailPage(mail: ReceivedMail, view: View): Html {
  const path = `/mail/${encodeURIComponent(mail.id)}`
  return html`<main class="sheet-page">
<p><a href="/mail">All mails</a></p>
<article class="card">
<header class="mail-head"><h1>${mail.subject || '(no subject)'}</h1>
<dl><dt>From</dt><dd>${mail.from}</dd><dt>To</dt><dd>${mail.to.join(', ')}</dd>${mail.cc.length > 0 && html`<dt>Copy</dt><dd>${mail.cc.join(', ')}</dd>`}<dt>Received</dt><dd>${timeOf.format(mail.at)}</dd>
<dt>Message-ID</dt><dd>${mail.id}</dd>${mail.deliveries > 1 && html`<dt>Deliveries</dt><dd>${mail.deliveries}</dd>`}
${mail.attachments.map(file => html`<dt>Attachment</dt><dd>${file.filename} (${file.mimeType}, ${file.size} bytes)</dd>`)}</dl></header>
<nav class="tabs" aria-label="View">${views
    .filter(name => name !== 'html' || mail.html !== undefined)
    .map(
      name =>
        html`<a href="${path}?view=${name}" ${name === view ? html`aria-current="true"` : ''}>${name === 'html' ? 'HTML' : name === 'text' ? 'Text' : 'Source'}</a>`,
    )}</nav>
${
  view === 'html'
    ? html`<iframe class="mail-body" sandbox="" title="The mail" src="${path}/html"></iframe>`
    : html`<pre class="mail-body" tabindex="0">${view === 'text' ? mail.text : mail.raw}</pre>`
}
</article></main>`
}
