import type { Clock, Timer } from '../../../ports/time.ts'
import type { RedisConnection, SwiftConnection } from '../../../redis/index.ts'
import type { BusListener, CacheBus } from '../../driver.ts'

/** Behind a network that swallows everything, a connection that only listens never notices; asked so often, it does. */
const heartbeatMs = 1_000

/** Redis pub/sub. `talking` is shared with the store, `hearing` is not: it can do nothing else. */
export function redisBus(
  talking: SwiftConnection,
  hearing: RedisConnection,
  prefix: string,
  clock: Clock,
): CacheBus {
  const channel = `${prefix}:cache-changes`
  const { client } = hearing
  let listener: BusListener | undefined
  let timer: Timer | undefined
  let listening: Promise<void> | undefined

  const listen = () => client.subscribe(channel).then(() => listener?.gap())
  client.on('message', (_channel, message) => listener?.receive(message))
  // What was said while it was not connected, nobody has heard.
  client.on('ready', () => {
    listening = listen()
    listening.catch(() => {
      // The connection was lost again, and comes back as another.
    })
  })

  function beat(): void {
    timer = clock.timer(heartbeatMs, () => {
      if (client.status !== 'ready') return beat()
      // The client gives the connection up where there is no answer.
      client.ping().then(beat, beat)
    })
  }

  return {
    name: 'redis',
    async open(given) {
      listener = given
      await talking.open()
      if (client.status === 'wait') await client.connect()
      await listening
      timer?.cancel()
      beat()
    },
    async publish(message) {
      await talking.send(talking.client.publish(channel, message))
    },
    classify: error => hearing.failure(error, 'The bus of the cache'),
    async health() {
      return client.status === 'ready'
        ? { status: 'up' }
        : { status: 'down', detail: 'Redis: Not listening.' }
    },
    async close() {
      timer?.cancel()
      client.disconnect()
      talking.client.disconnect()
    },
  }
}
