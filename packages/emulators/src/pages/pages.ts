import type { FastifyInstance } from 'fastify'
import type { Clock } from 'portolan'
import type { MailInbox } from '../mail/mail.ts'
import type { EmulatorsOptions } from '../options.ts'
import type { Payments } from '../payments/payments.ts'
import type { WhatsApp } from '../whatsapp/whatsapp.ts'
import { addAssets } from './assets.ts'
import { addChatRoutes } from './chat/routes.ts'
import { addControlRoutes } from './control-routes.ts'
import { addLanding } from './landing.ts'
import { addMailPages } from './mail-pages.ts'
import { addPaymentsPage } from './payments-page.ts'

export interface PagesOptions {
  readonly whatsapp: WhatsApp
  readonly payments: Payments
  readonly mail: MailInbox
  readonly catalogue: EmulatorsOptions['catalogue']
  readonly businessName: string
  readonly clock: Clock
}

/** What a person sees: the chat, the payments, the mails, and the switches. */
export function addPages(server: FastifyInstance, options: PagesOptions): void {
  const { whatsapp, payments, mail, clock } = options
  const services = { whatsapp: whatsapp.faults, payments: payments.faults, mail: mail.faults }
  // Every group in a scope of its own: each answers errors in its own way.
  server.register(async scope => addAssets(scope))
  server.register(async scope => addLanding(scope, { whatsapp, payments, mail, services }))
  server.register(async scope => addControlRoutes(scope, services))
  server.register(async scope => addChatRoutes(scope, options))
  server.register(async scope => addPaymentsPage(scope, payments, clock))
  server.register(async scope => addMailPages(scope, mail, clock))
}
