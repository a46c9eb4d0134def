import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream'

/** Makes a stream. One that is there is left as it is: somebody may have changed how often it is copied, or how much it may hold. */
export async function makeStream(
  { streams }: JetStreamManager,
  config: Partial<StreamConfig> & { name: string },
): Promise<void> {
  try {
    await streams.add(config)
  } catch (error) {
    // Also where somebody else makes it this very moment.
    if (!(await streams.info(config.name).catch(() => undefined))) throw error
  }
}
