// Keeps the marked parts of a page up to date: when the shop says that something has changed, the page is fetched again and
// the parts that differ are exchanged. What the person types or has scrolled to stays.

// On a phone, the way around is wider than the screen.
document.querySelector('header [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' })

const status = document.getElementById('connection')
let fetching = false
let again = false

async function refresh() {
  if (fetching || document.hidden) {
    again = true
    return
  }
  fetching = true
  again = false
  try {
    const response = await fetch(location.href, { headers: { accept: 'text/html' } })
    if (!response.ok) return
    const fresh = new DOMParser().parseFromString(await response.text(), 'text/html')
    for (const part of document.querySelectorAll('[data-live]')) {
      const newer = fresh.getElementById(part.id)
      if (newer && newer.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) {
        part.innerHTML = newer.innerHTML
      }
    }
  } catch {
    // The connection is gone: the event source says so, and its return brings the next refresh.
  } finally {
    fetching = false
    if (again && !document.hidden) refresh()
  }
}

if (document.querySelector('[data-live]')) {
  const source = new EventSource('/live')
  source.addEventListener('changed', refresh)
  source.onopen = () => {
    status.textContent = 'live'
    status.className = 'on'
    refresh()
  }
  source.onerror = () => {
    status.textContent = 'reconnecting'
    status.className = ''
  }
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && again) refresh()
  })
  addEventListener('pagehide', () => source.close())
}
