import type { FastifyReply } from 'fastify'
import { type Html, html } from './html.ts'

export interface PageOptions {
  readonly title: string
  readonly area: 'home' | 'chat' | 'payments' | 'mail'
  readonly body: Html
  /** Names of scripts in `assets`. */
  readonly scripts?: readonly string[]
  readonly styles?: readonly string[]
}

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

const areas = [
  { area: 'home', href: '/', label: 'Overview' },
  { area: 'chat', href: '/chat', label: 'Chat' },
  { area: 'payments', href: '/payments', label: 'Payments' },
  { area: 'mail', href: '/mail', label: 'Mail' },
] as const

export function sendPage(reply: FastifyReply, page: PageOptions): FastifyReply {
  const { area, body, title, scripts = [], styles = [] } = page
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/assets/icon.svg">
${['base.css', ...styles].map(style => html`<link rel="stylesheet" href="/assets/${style}">`)}
${scripts.map(script => html`<script type="module" src="/assets/${script}"></script>`)}
</head>
<body class="area-${area}">
<nav class="areas" aria-label="Emulators">
<a class="brand" href="/"><img src="/assets/icon.svg" alt="" width="24" height="24"><span>Emulators</span></a>
${areas.map(
  item =>
    html`<a href="${item.href}" ${item.area === area ? html`aria-current="page"` : ''}>${item.label}</a>`,
)}
</nav>
${body}
</body>
</html>`
  return reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', policy)
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'same-origin')
    .header('cache-control', 'no-store')
    .send(document.html)
}
