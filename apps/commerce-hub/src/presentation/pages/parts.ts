import { Money } from '../../domain/money.ts'
import { html, type Markup } from './markup.ts'

/** Pieces that the pages have in common. */

export function money(decimal: string, currency = 'GBP'): string {
  return Money.parse(decimal, currency).toString()
}

export function moment(at: Date): Markup {
  const iso = at.toISOString()
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 16)}</time>`
}

export function badge(status: string): Markup {
  return html`<span class="badge ${status}">${status}</span>`
}

export function table(heads: readonly string[], rows: readonly Markup[], nothing: string): Markup {
  if (rows.length === 0) return html`<p class="nothing">${nothing}</p>`
  return html`<div class="table"><table><thead><tr>${heads.map(head => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`
}

/** A cell; on a phone, where rows become cards, its head is shown beside it. */
export function cell(head: string, content: Markup | string | number, kind: '' | 'number' = ''): Markup {
  return html`<td data-head="${head}" class="${kind}">${content}</td>`
}

export function facts(entries: readonly (readonly [string, Markup | string | number])[]): Markup {
  return html`<dl class="facts">${entries.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
}

export function search(path: string, text: string, label: string): Markup {
  return html`<form class="search" method="get" action="${path}" role="search"><input type="search" name="text" value="${text}" aria-label="${label}" placeholder="${label}"><button>Search</button></form>`
}

/** The way to the next page of a list, where there is one. */
export function further(path: string, query: Readonly<Record<string, string | undefined>>): Markup {
  if (query.after === undefined) return html``
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]))
  return html`<p class="further"><a href="${path}?${new URLSearchParams(given).toString()}">Further on</a></p>`
}

export function path(...segments: readonly string[]): string {
  return `/${segments.map(encodeURIComponent).join('/')}`
}
