import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openShop, until } from '../harness/index.ts'

/** Every page of the staff that a purchase shows up on. */
async function pagesAbout(shop: Awaited<ReturnType<typeof openShop>>, customerId: string) {
  const { items } = await shop.get('/orders')
  const paths = ['/', '/orders', '/refunds', '/products', '/customers', '/conversations', '/work']
  const order = items[0].id
  return [
    ...paths,
    ...[`/orders/${order}`, `/customers/${customerId}`, `/conversations/${customerId}`],
    ...['/products/MARKUP', '/products?text=%3Cscript%3E', `/receipts/${order}`],
  ]
}

test('whatever customers and suppliers write stays text, on pages and on receipts', async () => {
  await using shop = await openShop()
  const name = `<script>alert("Zoë")</script>' onmouseover='x'`
  const customer = shop.customer(name)
  await customer.says('<img src=x onerror=alert(1)>')
  await customer.says('search <b>box')
  await customer.says('email "<svg/onload=alert(1)>"@example.org')
  await customer.says('email a&b@example.org')
  assert.match((await customer.buys('MARKUP', 2)).text, /Paid/)
  await shop.settled()
  const refund = {
    ...{ reference: '<i>C1</i>', customerId: customer.id, returnedAt: '2010-12-05T10:00:00Z' },
    lines: [{ sku: 'MARKUP', quantity: 1, unitPrice: '1' }],
  }
  assert.equal((await shop.post('/refunds', refund)).status, 201)
  await shop.settled()
  for (const path of await pagesAbout(shop, customer.id)) {
    const html = await shop.page(path)
    assert.doesNotMatch(html, /<script>alert|<img|<svg|<i>C1|<b>box|' onmouseover='/, path)
  }
  for (const path of ['/orders', '/refunds'])
    assert.match(await shop.page(path), /&lt;script&gt;alert\(&quot;Zoë&quot;\)&lt;\/script&gt;/, path)
  assert.match(
    await shop.page('/products/MARKUP'),
    /&lt;script&gt;alert\(1\)&lt;\/script&gt; &quot;BOX&quot; &amp; /,
  )
  const { items } = await shop.get('/orders')
  const receipt = await shop.page(`/receipts/${items[0].id}`)
  assert.match(receipt, /&lt;script&gt;alert\(1\)[\s\S]*£2\.00/)
  // The other formats take the names as they are.
  assert.equal(items[0].customerName, name)
  const pdf = await fetch(`${shop.url}/receipts/${items[0].id}/pdf`)
  assert.equal(pdf.status, 200)
  const [letter] = await shop.emulators.mail.list()
  assert.match(letter!.text, /2 x <script>alert\(1\)<\/script> "BOX" & 'LID'/)
  assert.ok(letter!.text.includes(`Dear ${name},`))
})

test('what is bold in the chat is bold on the page of the conversation, and an asterisk stays one', async () => {
  await using shop = await openShop()
  const customer = shop.customer()
  await customer.says('*USB mirror ball, 2*3 of *them* and *<b>these*')
  await shop.settled()
  const spoken = await shop.page(`/conversations/${customer.id}`)
  assert.ok(spoken.includes('<p>*USB mirror ball, 2*3 of <b>them</b> and <b>&lt;b&gt;these</b></p>'))
})

test('pages and receipts allow no script but their own', async () => {
  await using shop = await openShop()
  const customer = shop.customer()
  await customer.buys('MUG')
  await shop.settled()
  for (const path of await pagesAbout(shop, customer.id)) {
    const { headers } = await fetch(`${shop.url}${path}`)
    const policy = headers.get('content-security-policy')!
    assert.match(policy, /default-src 'none'/, path)
    assert.doesNotMatch(policy, /script-src[^;]*'unsafe/, path)
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path)
  }
})

test('what is not there is told on a page of the shop', async () => {
  await using shop = await openShop()
  for (const path of [
    '/orders/none',
    '/products/none',
    '/customers/none',
    '/conversations/none',
    '/receipts/none',
  ]) {
    const response = await fetch(`${shop.url}${path}`)
    assert.equal(response.status, 404, path)
    assert.match(await response.text(), /<nav[\s\S]*There is no/, path)
  }
  const odd = [
    '/orders?status=odd',
    '/orders?after=odd',
    '/customers?after=!!',
    '/nowhere',
    '/orders/%00',
    '/orders/%',
  ]
  for (const path of odd) {
    const response = await fetch(`${shop.url}${path}`, { headers: { accept: 'text/html' } })
    assert.ok(response.status < 500, `${path}: ${response.status}`)
  }
})

test('forms of other sites are refused', async () => {
  await using shop = await openShop()
  for (const path of ['/work/replay-all', '/work/replay', '/work/discard']) {
    const response = await fetch(`${shop.url}${path}`, {
      method: 'POST',
      headers: { 'sec-fetch-site': 'cross-site', 'content-type': 'application/x-www-form-urlencoded' },
      body: 'kind=job&id=1',
    })
    assert.equal(response.status, 403, path)
  }
})

test('with a password, pages and API are for the staff alone; webhooks and health stay open', async () => {
  const password = 'correct horse battery'
  await using shop = await openShop({ env: { STAFF_PASSWORD: password }, shelf: false })
  const get = (path: string, authorization?: string) =>
    fetch(`${shop.url}${path}`, { headers: authorization ? { authorization } : {} })
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
  for (const path of [
    '/',
    '/orders',
    '/live',
    '/v1/orders',
    '/docs',
    '/openapi.json',
    '/assets/staff.css',
    '/no',
  ]) {
    assert.equal((await get(path)).status, 401, path)
    assert.equal((await get(path, basic('staff:wrong'))).status, 401, path)
    assert.equal((await get(path, basic(`admin:${password}`))).status, 401, path)
  }
  assert.match((await get('/')).headers.get('www-authenticate')!, /^Basic realm=/)
  assert.equal((await get('/orders', basic(`staff:${password}`))).status, 200)
  assert.equal((await get('/v1/orders', basic(`staff:${password}`))).status, 200)
  assert.equal((await get('/health/live')).status, 200)
  assert.equal(await shop.emulators.whatsapp.verify(), true)
  for (const trick of [
    '/webhooks/../orders',
    '//orders',
    '/health/..%2forders',
    '/Health/live/../../orders',
  ]) {
    const { status } = await get(trick)
    assert.ok(status === 401 || status === 404, `${trick}: ${status}`)
  }
})

test('a page that is open hears of changes', async () => {
  await using shop = await openShop()
  const ended = new AbortController()
  const response = await fetch(`${shop.url}/live`, { signal: ended.signal })
  assert.match(response.headers.get('content-type')!, /^text\/event-stream/)
  let heard = ''
  const reading = (async () => {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) heard += chunk
  })().catch(() => {})
  await shop.customer().says('menu')
  shop.clock.advance(500)
  await until(() => heard.includes('event: changed'), 'the change')
  ended.abort()
  await reading
})

test('no log line holds a name, a number, an address or a secret', async () => {
  await using shop = await openShop()
  const customer = shop.customer('Wilhelmina Confidential', '447700955555')
  await customer.says('email private@example.org')
  shop.emulators.payments.faults.set({ errorRate: 0.5 })
  await customer.phone.sendText('add MUG')
  await shop.settled()
  const prompt = await customer.says('checkout')
  await customer.taps(prompt, /^Pay/).catch(() => {})
  shop.emulators.payments.faults.reset()
  await shop.retried()
  const log = shop.log.join('')
  assert.ok(log.length > 0)
  for (const secret of [
    'Confidential',
    '447700955555',
    'private@example',
    'emulator-token',
    'emulator-api-key',
  ]) {
    assert.ok(!log.includes(secret), `${secret} in: ${shop.log.find(line => line.includes(secret))}`)
  }
})
