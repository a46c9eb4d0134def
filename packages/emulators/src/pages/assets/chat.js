import { elements, send, showProblem } from './api.js'

const conversation = document.querySelector('.conversation[data-wa-id]')
const waId = conversation?.dataset.waId
const people = document.querySelector('#conversations')
const search = document.querySelector('#search')

/* People */

async function refreshPeople() {
  const query = new URLSearchParams({ search: search.value, selected: waId ?? '' })
  const { html } = await send('GET', `/chat/conversations?${query}`)
  people.replaceChildren(elements(html))
}
search.addEventListener('input', refreshPeople)

const customerDialog = document.querySelector('#customer-dialog')
document.querySelector('#new-customer').addEventListener('click', () => customerDialog.showModal())
document.querySelector('#customer-form').addEventListener('submit', async event => {
  event.preventDefault()
  try {
    const { url } = await send('POST', '/chat/customers', Object.fromEntries(new FormData(event.target)))
    location.assign(url)
  } catch (error) {
    showProblem(event.target, error)
  }
})

document.addEventListener('click', event => {
  if (event.target.closest('[data-close]') || event.target.matches('dialog'))
    event.target.closest('dialog').close()
})

/* Live */

const after = [...document.querySelectorAll('[data-seq]')].at(-1)?.dataset.seq ?? 0
const events = new EventSource(`/chat/events?${new URLSearchParams(waId ? { waId, after } : {})}`)
let lost = false
events.addEventListener('conversations', refreshPeople)
events.addEventListener('error', () => {
  lost = true
})
events.addEventListener('open', () => {
  // What happened meanwhile was not heard.
  if (lost) location.reload()
})

if (conversation) openConversation()

function openConversation() {
  const scroll = document.querySelector('#scroll')
  const messages = document.querySelector('#messages')
  const typing = document.querySelector('#typing')
  const latest = document.querySelector('#latest')
  const text = document.querySelector('#text')
  const older = document.querySelector('#older')
  let typingTimer

  const atEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80
  const toEnd = () => scroll.scrollTo({ top: scroll.scrollHeight })
  toEnd()
  scroll.addEventListener('scroll', () => {
    latest.hidden = atEnd()
  })
  latest.addEventListener('click', toEnd)
  // A keyboard that opens, or a composer that grows, must not hide the last message.
  let stick = true
  scroll.addEventListener('scroll', () => {
    stick = atEnd()
  })
  new ResizeObserver(() => stick && toEnd()).observe(scroll)

  const known = id => messages.querySelector(`[data-id="${CSS.escape(id)}"]`)

  events.addEventListener('message', event => {
    const { html, from } = JSON.parse(event.data)
    const added = elements(html)
    const item = added.querySelector('[data-id]')
    if (known(item.dataset.id)) return
    const follow = atEnd() || from === 'customer'
    item.classList.add('new')
    messages.append(added)
    if (from === 'business') typing.hidden = true
    if (follow) toEnd()
  })
  events.addEventListener('status', event => {
    const { id, status } = JSON.parse(event.data)
    const item = known(id)
    if (status === 'failed') return location.reload()
    if (item?.classList.contains('mine')) setStatus(item, status)
  })
  events.addEventListener('typing', () => {
    typing.hidden = false
    if (stick) toEnd()
    clearTimeout(typingTimer)
    // As on a phone: for 25 seconds, or until the answer is there.
    typingTimer = setTimeout(() => {
      typing.hidden = true
    }, 25_000)
  })

  function setStatus(item, status) {
    const rank = ['sent', 'delivered', 'read']
    for (let mine = item; mine; mine = mine.previousElementSibling) {
      if (!mine.classList.contains('mine')) continue
      if (rank.indexOf(status) > rank.indexOf(mine.dataset.status)) {
        mine.dataset.status = status
        const label = status[0].toUpperCase() + status.slice(1)
        mine.querySelector('.ticks').title = label
        mine.querySelector('.ticks .hidden').textContent = label
      }
      // Whoever has read a message has read those before it; that holds for nothing else.
      if (status !== 'read') break
    }
  }
  for (const item of messages.querySelectorAll('.mine[data-status="read"]')) setStatus(item, 'read')

  const say = message =>
    send('POST', `/chat/${waId}/messages`, message).catch(error => {
      alert(error.message)
      throw error
    })

  document.querySelector('#composer').addEventListener('submit', async event => {
    event.preventDefault()
    const written = text.value
    if (written.trim() === '') return
    text.value = ''
    text.focus()
    await say({ kind: 'text', text: written }).catch(() => {
      text.value = written
    })
  })
  text.addEventListener('keydown', event => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    event.target.form.requestSubmit()
  })

  messages.addEventListener('click', event => {
    const button = event.target.closest('button')
    if (!button) return
    if ('openSheet' in button.dataset) button.closest('.message').querySelector('dialog').showModal()
    const { reply, option, title, description, message } = button.dataset
    if (!reply) return
    button.closest('dialog')?.close()
    void say({ kind: reply, option, title, replyTo: message, ...(description && { description }) })
  })

  older?.addEventListener('click', async () => {
    const first = messages.querySelector('[data-seq]')
    const height = scroll.scrollHeight
    const { html, more } = await send('GET', `/chat/${waId}/older?before=${first.dataset.seq}`)
    // The day that was announced at the top may have begun earlier.
    const top = messages.firstElementChild
    const days = elements(html)
    if ([...days.querySelectorAll('.day')].at(-1)?.textContent === top.textContent) top.remove()
    messages.prepend(days)
    older.hidden = !more
    scroll.scrollTop += scroll.scrollHeight - height
  })

  const decision = document.querySelector('#next-payment')
  const showDecision = () => decision.parentElement.classList.toggle('off', decision.value !== 'approve')
  showDecision()
  decision.addEventListener('change', async () => {
    await send('PUT', `/chat/${waId}/next-payment`, { decision: decision.value })
    showDecision()
  })
  events.addEventListener('next-payment', event => {
    decision.value = JSON.parse(event.data).decision
    showDecision()
  })

  if (matchMedia('(hover: hover)').matches) text.focus()
}
