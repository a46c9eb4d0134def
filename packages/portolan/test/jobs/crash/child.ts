import { setTimeout as sleep } from 'node:timers/promises'
import { openShop, type Role, type Way } from './shop.ts'

/** A process of the shop that works until it is killed. Tells its parent when it has begun. */
const [url, way, role] = process.argv.slice(2) as [string, Way, Role]
const shop = await openShop(url, way, role)
/** What it stands on may be away for a while. */
const tried = (work: () => Promise<void>) => work().catch(() => sleep(20))
const place = () => tried(() => shop.place())
if (role === 'producer') await place()
process.send!('begun')
while (role === 'producer') {
  await Promise.all([place(), place(), place(), place()])
  await tried(() => shop.room())
  await sleep(10)
}
await new Promise(() => setInterval(() => {}, 1_000))
