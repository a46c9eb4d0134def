import { type Reply, html as send } from 'portolan/rest'
import { html, type Markup } from './markup.ts'

export type Section = 'Overview' | 'Orders' | 'Products' | 'Customers' | 'Conversations' | 'Work'

const sections: readonly (readonly [Section, string])[] = [
  ['Overview', '/'],
  ['Orders', '/orders'],
  ['Products', '/products'],
  ['Customers', '/customers'],
  ['Conversations', '/conversations'],
  ['Work', '/work'],
]

/** A page of the staff: the way around, and its content, which is kept up to date while it is looked at. */
export function page(section: Section, title: string, content: Markup, status = 200): Reply {
  const links = sections.map(
    ([name, path]) =>
      html`<a href="${path}" ${name === section ? html`aria-current="page"` : ''}>${name}</a>`,
  )
  return send(
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Gift shop</title>
<link rel="stylesheet" href="/assets/staff.css">
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<script type="module" src="/assets/live.js"></script>
</head>
<body>
<a class="skip" href="#content">To the content</a>
<header><strong>Gift shop</strong><nav aria-label="Sections">${links}</nav><span id="connection" role="status"></span></header>
<main id="content">
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`.toString(),
    { status },
  )
}

/** Content that is fetched anew when the shop's data changes. `id` is unique on its page. */
export function live(id: string, content: Markup): Markup {
  return html`<div id="${id}" data-live>${content}</div>`
}

export function notFound(section: Section, what: string): Reply {
  return page(section, 'Not found', html`<p>There is no ${what}.</p>`, 404)
}
