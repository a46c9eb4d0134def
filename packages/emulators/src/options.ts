import type { Surroundings } from 'portolan/runtime'
import type { PaymentsOptions } from './payments/payments.ts'
import type { WhatsAppOptions } from './whatsapp/whatsapp.ts'

/** A product that the chat page offers for a native cart. */
export interface CatalogueItem {
  readonly id: string
  readonly name: string
  /** Decimal text. */
  readonly price: string
  /** ISO 4217. */
  readonly currency: string
}

export interface EmulatorsOptions extends Partial<Surroundings> {
  /** Default `'127.0.0.1'`. There is no authentication on the pages: keep it on the loopback. */
  readonly host?: string
  /** Of HTTP. Default 3001; 0 takes a free one. */
  readonly port?: number
  /** Default 1025; 0 takes a free one. */
  readonly smtpPort?: number
  /** A folder for what is remembered, or `':memory:'`. Default `'.data/emulators'`. */
  readonly dataDir?: string
  readonly whatsapp: WhatsAppOptions
  readonly payments: PaymentsOptions
  /** Products for the cart of the chat page, found by a search text. Without it, the page offers no catalogue. */
  readonly catalogue?: (query: {
    readonly search: string
    readonly limit: number
  }) => Promise<readonly CatalogueItem[]>
}
