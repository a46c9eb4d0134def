import { elements, send, showProblem } from './api.js'

const dialog = document.querySelector('#catalogue')
const products = document.querySelector('#products')
const search = document.querySelector('#product-search')
const submit = document.querySelector('#send-cart')
const { waId } = document.querySelector('.conversation').dataset

/** Product id → { quantity, unitPrice, currency }. */
const cart = new Map()

async function load() {
  const { html } = await send('GET', `/chat/catalogue?${new URLSearchParams({ search: search.value })}`)
  products.replaceChildren(elements(html))
  for (const item of products.querySelectorAll('[data-id]')) {
    item.querySelector('output').textContent = cart.get(item.dataset.id)?.quantity ?? 0
  }
}

let timer
search.addEventListener('input', () => {
  clearTimeout(timer)
  timer = setTimeout(load, 120)
})
document.querySelector('#open-catalogue').addEventListener('click', () => {
  dialog.showModal()
  void load()
})

products.addEventListener('click', event => {
  const step = Number(event.target.closest('[data-step]')?.dataset.step ?? 0)
  if (step === 0) return
  const item = event.target.closest('li')
  const { id, price, currency } = item.dataset
  const quantity = Math.max(0, (cart.get(id)?.quantity ?? 0) + step)
  if (quantity === 0) cart.delete(id)
  else cart.set(id, { quantity, unitPrice: price, currency })
  item.querySelector('output').textContent = quantity
  showTotal()
})

/** Exact: counted in millionths. */
function total() {
  let sum = 0n
  for (const { quantity, unitPrice } of cart.values()) {
    const [whole, fraction = ''] = unitPrice.split('.')
    sum += BigInt(whole + fraction.padEnd(6, '0')) * BigInt(quantity)
  }
  const digits = sum.toString().padStart(7, '0')
  return `${digits.slice(0, -6)}.${digits.slice(-6).replace(/0{1,4}$/, '')}`
}

function showTotal() {
  const [first] = cart.values()
  submit.disabled = first === undefined
  submit.textContent = first ? `Send order · ${first.currency} ${total()}` : 'Choose something'
}

submit.addEventListener('click', async () => {
  const items = [...cart].map(([productId, line]) => ({ productId, ...line }))
  try {
    await send('POST', `/chat/${waId}/messages`, { kind: 'order', items })
    cart.clear()
    showTotal()
    showProblem(dialog)
    dialog.close()
  } catch (error) {
    showProblem(dialog, error)
  }
})
