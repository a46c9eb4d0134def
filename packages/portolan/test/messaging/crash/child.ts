import { openShop, type Role, type Way } from './shop.ts'

/** A process of the shop that works until it is killed. Tells its parent when it has begun. */
const [shopUrl, brokerUrl, way, role] = process.argv.slice(2) as [string, string, Way, Role]
const shop = await openShop({ shop: shopUrl, broker: brokerUrl }, way, role)
/** What it stands on may be away for a while. */
const place = () => shop.place().catch(() => new Promise(resolve => setTimeout(resolve, 20)))
if (role === 'publisher') await place()
process.send!('begun')
if (role === 'publisher') {
  // Not faster than the consumers, or what waits would grow for as long as it runs.
  for (;;) {
    await Promise.all([place(), place(), place(), place()])
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}
await new Promise(() => setInterval(() => {}, 1_000))
