import type { FastifyInstance } from 'fastify'
import type { MailInbox } from '../mail/mail.ts'
import type { Payments } from '../payments/payments.ts'
import type { WhatsApp } from '../whatsapp/whatsapp.ts'
import type { FaultServices } from './control-routes.ts'
import { counted, plural } from './counted.ts'
import { faultSwitches } from './fault-switches.ts'
import { html } from './html.ts'
import { sendPage } from './layout.ts'

export interface LandingOptions {
  readonly whatsapp: WhatsApp
  readonly payments: Payments
  readonly mail: MailInbox
  readonly services: FaultServices
}

/** The page that links to all others, with the fault switches. */
export function addLanding(server: FastifyInstance, options: LandingOptions): void {
  const { whatsapp, payments, mail, services } = options
  const good = {
    whatsapp: services.whatsapp.current,
    payments: services.payments.current,
    mail: services.mail.current,
  }

  server.get('/', async (_request, reply) => {
    const { charges, refunds } = payments.count()
    return sendPage(reply, {
      title: 'Emulators',
      area: 'home',
      scripts: ['faults.js'],
      body: html`<main class="sheet-page">
<header><h1>Emulators</h1><p class="lead">Local stand-ins for the services that the application talks to.</p></header>
<div class="tiles">
${tile('/chat', 'Chat', whatsapp.count(), 'message', whatsapp.url)}
${tile('/payments', 'Payments', charges, 'charge', payments.url, `, ${counted(refunds, 'refund')}`)}
${tile('/mail', 'Mail', mail.count(), 'mail', mail.url)}
</div>
<header><h2>Faults</h2><p class="lead">Switch on what goes wrong out there. A restart switches everything off.</p></header>
${faultSwitches('whatsapp', 'WhatsApp', services.whatsapp, good.whatsapp)}
${faultSwitches('payments', 'Payments', services.payments, good.payments)}
${faultSwitches('mail', 'Mail', services.mail, good.mail)}
</main>`,
    })
  })
}

function tile(href: string, title: string, figure: number, noun: string, address: string, more = '') {
  return html`<a class="card tile" href="${href}"><h2>${title}</h2>
<p><span class="figure">${figure.toLocaleString('en')}</span> ${plural(figure, noun)}${more}</p><code>${address}</code></a>`
}
