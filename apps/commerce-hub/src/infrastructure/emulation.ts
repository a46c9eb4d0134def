import { createEmulators, type Emulators } from '@portolan/emulators'
import type { Logger } from 'portolan'
import type { ProductSearch } from '../application/ports/product-search.ts'
import type { HubConfig } from './config.ts'

/** The emulators that stand in for WhatsApp, the gateway and the mail server, as the shop is told of them. */
export function hubEmulators(
  config: HubConfig,
  uses: { readonly hubUrl: string; readonly productSearch: ProductSearch; readonly logger: Logger },
): Emulators {
  const { emulators, whatsapp, payments } = config
  const { hubUrl, productSearch, logger } = uses
  return createEmulators({
    port: emulators.port,
    smtpPort: emulators.smtpPort,
    dataDir: emulators.data,
    logger,
    whatsapp: {
      token: whatsapp.token.reveal(),
      appSecret: whatsapp.appSecret.reveal(),
      verifyToken: whatsapp.verifyToken.reveal(),
      phoneNumberId: whatsapp.phoneNumberId,
      webhookUrl: `${hubUrl}/webhooks/whatsapp`,
      businessName: 'The gift shop',
      templates: [
        {
          name: 'refund_paid',
          language: 'en_GB',
          body: 'Your refund of {{1}} is on its way. Reference {{2}}.',
        },
      ],
    },
    payments: {
      apiKey: payments.apiKey.reveal(),
      webhookSecret: payments.webhookSecret.reveal(),
      webhookUrl: `${hubUrl}/webhooks/payments`,
    },
    // What WhatsApp would show as the shop's catalogue.
    async catalogue({ search, limit }) {
      const found = await productSearch.search(search, { limit, offset: 0 })
      return found.map(({ sku, name, price }) => ({ id: sku, name, price, currency: 'GBP' }))
    },
  })
}
