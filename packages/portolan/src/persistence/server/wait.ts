import { InfrastructureError } from '../../ports/errors.ts'
import type { Surroundings } from '../../runtime/surroundings.ts'
import type { DatabaseDriver } from '../driver.ts'

const pauseMs = 250

/**
 * Resolves when the server answers. One that is not up yet is asked again until `timeoutMs` is over; what waiting cannot mend, such
 * as a wrong password, is told at once. Says once that it waits. Closes the driver when it gives up.
 */
export async function waitForServer(
  driver: DatabaseDriver,
  timeoutMs: number,
  { clock, logger }: Surroundings,
): Promise<void> {
  const giveUpAt = clock.monotonic() + timeoutMs
  let told = false
  for (;;) {
    try {
      await driver.health()
      return
    } catch (error) {
      const known = InfrastructureError.is(error) ? error : driver.classify(error)
      const mayCome = known.code === 'unavailable' && known.retry !== 'never'
      if (!mayCome || clock.monotonic() + pauseMs > giveUpAt) {
        await driver.close()
        throw known
      }
      if (!told)
        logger.info('The database server does not answer yet; asking again.', {
          timeoutMs,
          reason: known.message,
        })
      told = true
      await clock.sleep(pauseMs)
    }
  }
}
