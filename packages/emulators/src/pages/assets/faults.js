import { send } from './api.js'

for (const form of document.querySelectorAll('.faults form')) {
  const area = form.closest('.faults')
  const { service } = area.dataset
  const note = form.querySelector('output')

  const put = async changes => {
    try {
      const faults = await send('PUT', '/control/faults', { [service]: changes })
      area.dataset.active = String(faults.active.includes(service))
      note.textContent = 'Applied.'
    } catch (error) {
      note.textContent = error.message
    }
  }

  form.addEventListener('submit', event => event.preventDefault())
  form.addEventListener('change', ({ target }) => {
    try {
      void put({ [target.name]: readValue(target) })
    } catch {
      note.textContent = 'This is no JSON.'
    }
  })
  form.querySelector('[data-reset]').addEventListener('click', async () => {
    await send('DELETE', `/control/faults/${service}`)
    location.reload()
  })
}

function readValue(input) {
  if (input.type === 'checkbox') return input.checked
  if (input.dataset.kind === 'json') return JSON.parse(input.value)
  if (input.dataset.kind === 'rate') return Number(input.value) / 100
  return Number(input.value)
}
