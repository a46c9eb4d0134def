import type { CacheFigures, LookupFigures } from '../../application/ports/operations.ts'
import { html, type Markup } from './markup.ts'
import { cell, table } from './parts.ts'

/** How often what the shop looked up was at hand. */
export function cacheSection({ lookups, entries, bytes, trouble }: CacheFigures): Markup {
  return html`<h2>Cache</h2>
<p class="hint">Since this process started. What the catalogue shows is kept at hand until a product of it changes.</p>
${trouble !== undefined && html`<p class="warning" role="status">Not shared at the moment: ${trouble}</p>`}
${table(['Looked up', 'Asked', 'At hand', 'Hit rate'], lookups.map(row), 'Nothing yet.')}
<p>${entries.toLocaleString('en-GB')} ${entries === 1 ? 'entry' : 'entries'} at hand, ${size(bytes)}.</p>`
}

function row({ name, hits, misses }: LookupFigures): Markup {
  const asked = hits + misses
  return html`<tr>
${cell('Looked up', name)}
${cell('Asked', asked.toLocaleString('en-GB'), 'number')}
${cell('At hand', hits.toLocaleString('en-GB'), 'number')}
${cell('Hit rate', asked === 0 ? 'not asked yet' : rate(Math.round((hits / asked) * 100), name), 'number')}
</tr>`
}

function rate(percent: number, name: string): Markup {
  return html`<span class="rate"><meter min="0" max="100" value="${percent}" aria-label="Hit rate of ${name}"></meter>${percent} %</span>`
}

function size(bytes: number): string {
  const [amount, unit] = bytes < 1_048_576 ? [bytes / 1024, 'KiB'] : [bytes / 1_048_576, 'MiB']
  return `${amount.toLocaleString('en-GB', { maximumFractionDigits: 1 })} ${unit}`
}
