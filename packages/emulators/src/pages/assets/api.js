/** Sends JSON; resolves with the answer's JSON, rejects with its `error` text. */
export async function send(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const answer = await response.json().catch(() => ({}))
  if (!response.ok) throw new Error(answer.error ?? `The emulator answered ${response.status}.`)
  return answer
}

/** Elements of HTML that the server has made and escaped. */
export function elements(html) {
  const template = document.createElement('template')
  template.innerHTML = html
  return template.content
}

/** Shows what went wrong beside a form; nothing hides it. */
export function showProblem(container, error) {
  const place = container.querySelector('.problem')
  place.hidden = error === undefined
  place.textContent = error?.message ?? ''
}
