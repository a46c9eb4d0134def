import { elements } from './api.js'

/** Keeps a list or table up to date: rows come as HTML, the newest first; one that is known is replaced. */
const list = document.querySelector('[data-live]')
const empty = document.querySelector('.empty')
const events = new EventSource(list.dataset.live)
let lost = false

events.addEventListener('error', () => {
  lost = true
})
events.addEventListener('open', () => {
  if (lost) location.reload()
})
events.addEventListener('row', event => {
  const { id, html, counts = {} } = JSON.parse(event.data)
  const row = elements(html).firstElementChild
  row.classList.add('fresh')
  const known = list.querySelector(`[data-id="${CSS.escape(id)}"]`)
  if (known) known.replaceWith(row)
  else list.prepend(row)
  while (list.children.length > 200) list.lastElementChild.remove()
  if (empty) empty.hidden = true
  for (const [name, value] of Object.entries(counts)) {
    const place = document.querySelector(`[data-count="${name}"]`)
    if (place) place.textContent = value
  }
})
