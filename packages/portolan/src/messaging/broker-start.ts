import { InfrastructureError } from '../ports/errors.ts'
import { reasonOf } from '../runtime/failure.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import type { BrokerDriver } from './driver.ts'

const pauseMs = 250

/**
 * Opens a broker; one that is not up yet is waited for, one that denies access is not.
 *
 * @throws InfrastructureError `unavailable` after `timeoutMs`, `unauthenticated`.
 */
export async function openWhenUp(
  driver: BrokerDriver,
  timeoutMs: number,
  { clock, logger }: Surroundings,
): Promise<void> {
  const giveUp = clock.monotonic() + timeoutMs
  for (;;) {
    try {
      const warning = await driver.open()
      if (typeof warning === 'string') logger.warn(warning)
      return
    } catch (cause) {
      if (InfrastructureError.is(cause)) throw cause
      const message = `The broker (${driver.name}) cannot be used: ${reasonOf(cause)}`
      if (driver.denies?.(cause)) throw new InfrastructureError('unauthenticated', message, { cause })
      if (clock.monotonic() >= giveUp)
        throw new InfrastructureError('unavailable', message, { cause, retry: 'later' })
    }
    await clock.sleep(pauseMs)
  }
}
