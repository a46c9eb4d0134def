import { type Booking, openAgency } from './agency.ts'

/** A process that books trips until it is killed. Tells its parent when it has begun. */
const [url, booking] = process.argv.slice(2) as [string, Booking]
await openAgency(url, booking, true)
process.send!('begun')
await new Promise(() => setInterval(() => {}, 1_000))
