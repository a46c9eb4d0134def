import { InfrastructureError } from 'portolan'
import { loadConfig } from 'portolan/config'
import { createRedactor, stopOnSignals } from 'portolan/runtime'
import { help, hubArguments } from './arguments.ts'
import { HubConfig } from './infrastructure/config.ts'
import { hubEmulators } from './infrastructure/emulation.ts'
import { composeHub } from './infrastructure/hub.ts'
import { openingCatalogue } from './infrastructure/opening-catalogue.ts'

/** Boots the shop, and its emulators unless they are switched off. */
async function main(): Promise<void> {
  const flags = hubArguments(process.argv.slice(2))
  if (flags === 'help') return console.log(help)
  const redactor = createRedactor()
  const config = await loadConfig(HubConfig, { redactor, flags })
  const app = await composeHub(config, redactor).start()
  const { web, logger, importCatalog, staffQueries, productSearch } = app.services
  const emulators = config.emulators.enabled
    ? hubEmulators(config, { hubUrl: web.url, productSearch, logger })
    : undefined
  const stop = async () => {
    // The shop first: what it still has to send wants to be received.
    await app.stop()
    await emulators?.stop()
  }
  stopOnSignals({ name: app.name, stop }, { logger, parentDisconnect: 'stop' })
  try {
    await emulators?.start()
    if (emulators) await openingCatalogue({ importCatalog, products: staffQueries.products })
  } catch (error) {
    await stop()
    throw error
  }
  tell(web.url, emulators?.url)
}

/** For the person at the terminal, or for the process that started this one. */
function tell(hubUrl: string, emulatorsUrl: string | undefined): void {
  if (process.send) {
    // When that process is gone, the shop stops by itself: nothing to complain about here.
    process.send({ ready: hubUrl }, undefined, undefined, () => {})
    return
  }
  const lines = [
    '',
    '  The shop is open.',
    '',
    ...(emulatorsUrl ? [`  Chat as a customer   ${emulatorsUrl}/chat`] : []),
    `  Staff pages          ${hubUrl}/`,
    `  API                  ${hubUrl}/docs`,
    ...(emulatorsUrl
      ? [`  Payments             ${emulatorsUrl}/payments`, `  Mail                 ${emulatorsUrl}/mail`]
      : []),
    '',
    '  Ctrl-C stops it; the next start goes on where this one ended.',
    '',
  ]
  console.log(lines.join('\n'))
}

main().catch((error: unknown) => {
  // What a person can mend is told in its own words; anything else is a bug and shows where.
  console.error(InfrastructureError.is(error) ? `commerce-hub: ${error.message}` : error)
  process.exitCode = InfrastructureError.is(error, 'invalid_argument') ? 2 : 1
})
