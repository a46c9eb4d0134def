import { InfrastructureError } from '../ports/errors.ts'
import { reasonOf, sentence } from '../runtime/failure.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { BrokerDriver } from './driver.ts'

const pauseMs = 250

/**
 * Opens a broker; one that is not up yet is waited for, one that denies access is not. Says once that it waits.
 *
 * @throws InfrastructureError `unavailable` after `timeoutMs`, `unauthenticated`.
 */
export async function openWhenUp(
  driver: BrokerDriver,
  timeoutMs: number,
  { clock, logger }: Surroundings,
): Promise<void> {
  const giveUp = clock.monotonic() + timeoutMs
  let told = false
  for (;;) {
    try {
      const warning = await driver.open()
      if (typeof warning === 'string') logger.warn(warning)
      return
    } catch (cause) {
      if (InfrastructureError.is(cause)) throw cause
      const reason = reasonOf(cause)
      const problem = `The broker (${driver.name}) cannot be used: ${sentence(reason)}`
      if (driver.denies?.(cause))
        throw new InfrastructureError(
          'unauthenticated',
          `${problem} Check user, password and path in its URL.`,
          { cause },
        )
      if (clock.monotonic() >= giveUp) {
        const message = `${problem} Check that it runs, and host and port in its URL.`
        throw new InfrastructureError('unavailable', message, { cause, retry: 'later' })
      }
      if (!told)
        logger.info('The broker does not answer yet; asking again.', {
          ...{ broker: driver.name, timeoutMs, reason },
        })
      told = true
    }
    await clock.sleep(pauseMs)
  }
}
