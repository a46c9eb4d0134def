import { type Rest, redirect } from 'portolan/rest'
import { z } from 'zod'
import type { DeadWork, Operations } from '../../application/ports/operations.ts'
import { cacheSection } from './cache-section.ts'
import { live, page } from './layout.ts'
import { html, type Markup } from './markup.ts'
import { cell, moment, table } from './parts.ts'

const chosen = z.object({ kind: z.enum(['job', 'message']), id: z.string() })

/** What failed: what is tried again by itself, and what waits for somebody to look at it. */
export function serveWorkPage(rest: Rest, uses: { readonly operations: Operations }): void {
  const { operations } = uses

  rest.page({
    method: 'GET',
    path: '/work',
    async handler() {
      const { jobs, messages } = await operations.workload()
      const retrying = await operations.retrying(50)
      const dead = await operations.deadLetters(50)
      const cache = await operations.cache()
      return page(
        'Work',
        'Work',
        live(
          'work',
          html`<p>In hand: ${jobs} jobs, ${messages} messages.</p>
<h2>Being retried</h2>
<p class="hint">Something that the shop depends on does not answer. These are tried again by themselves.</p>
${table(
  ['Job', 'Tried', 'Next', 'Why'],
  retrying.map(
    item =>
      html`<tr>${cell('Job', item.type)}${cell('Tried', item.attempt, 'number')}${cell('Next', moment(item.nextAt))}${cell('Why', item.reason)}</tr>`,
  ),
  'Nothing: all is well.',
)}
<h2>Given up</h2>
<p class="hint">Tried to the last attempt. Once the reason is mended, send it on its way again.</p>
${
  dead.length > 0 && html`<form method="post" action="/work/replay-all"><button>Try all again</button></form>`
}
${table(['What', 'When', 'Attempts', 'Why', ''], dead.map(deadRow), 'Nothing: all is well.')}
<h2>Limits</h2>
<p class="hint">Since this process started. A customer who writes too fast is told so once, then waits; an address gets 429.</p>
${table(
  ['Limit', 'A minute', 'Allowed', 'Denied'],
  operations
    .limits()
    .map(
      ({ name, perMinute, allowed, denied }) =>
        html`<tr>${cell('Limit', name)}${cell('A minute', perMinute, 'number')}${cell('Allowed', allowed, 'number')}${cell('Denied', denied, 'number')}</tr>`,
    ),
  'Switched off.',
)}
${cacheSection(cache)}`,
        ),
      )
    },
  })

  rest.page({
    method: 'POST',
    path: '/work/replay',
    body: chosen,
    async handler({ body }) {
      await operations.replay(body.kind, body.id)
      return redirect('/work')
    },
  })

  rest.page({
    method: 'POST',
    path: '/work/replay-all',
    async handler() {
      await operations.replayAll()
      return redirect('/work')
    },
  })

  rest.page({
    method: 'POST',
    path: '/work/discard',
    body: chosen,
    async handler({ body }) {
      await operations.discard(body.kind, body.id)
      return redirect('/work')
    },
  })
}

function deadRow(work: DeadWork): Markup {
  const button = (action: string, label: string) =>
    html`<form method="post" action="/work/${action}"><input type="hidden" name="kind" value="${work.kind}"><input type="hidden" name="id" value="${work.id}"><button>${label}</button></form>`
  return html`<tr>
${cell('What', work.type)}
${cell('When', moment(work.diedAt))}
${cell('Attempts', work.attempts, 'number')}
${cell('Why', work.reason)}
<td class="forms">${button('replay', 'Try again')}${button('discard', 'Discard')}</td>
</tr>`
}
