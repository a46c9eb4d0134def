import { connect, createServer, type Socket } from 'node:net'

/** Stands between a client and a server, and does what networks do. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number
  /** Connections that are open now. */
  readonly connections: number
  /** Cuts every connection. New ones are let through. */
  cut(): void
  /**
   * Cuts a connection when its client sends `text`, once: `before` the server sees it, or `after`, so that the client misses the
   * answer alone.
   */
  cutAt(text: string, when: 'before' | 'after'): void
  /** From now on nothing passes in either direction, while connections stay open: a network that swallows everything. */
  freeze(): void
  thaw(): void
  /** From now on everything takes so many milliseconds longer, in each direction; 0 ends it. */
  delay(ms: number): void
}

/**
 * Listens on a free port of the loopback and passes everything on to `target`.
 *
 * @example
 * await using proxy = await startProxy({ host: '127.0.0.1', port: 5432 })
 * proxy.cutAt('COMMIT', 'after')
 */
export async function startProxy(target: {
  readonly host: string
  readonly port: number
}): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let trap: { readonly text: string; readonly when: 'before' | 'after' } | undefined
  let frozen = false
  let delayMs = 0

  /** In order, as all that waits does so for the same time. */
  function pass(data: Buffer, to: Socket): void {
    if (delayMs === 0) to.write(data)
    else setTimeout(() => to.write(data), delayMs)
  }

  const server = createServer(client => {
    const upstream = connect(target)
    const pair = [client, upstream] as const
    pairs.add(pair)
    let deaf = false
    const drop = () => {
      pairs.delete(pair)
      client.destroy()
      upstream.destroy()
    }
    for (const socket of pair) {
      socket.setNoDelay(true)
      socket.on('error', drop)
      socket.on('close', drop)
    }
    client.on('data', data => {
      if (frozen) return
      const { text, when } = trap ?? {}
      const caught = text !== undefined && data.includes(text)
      if (caught) trap = undefined
      if (caught && when === 'before') return drop()
      deaf ||= caught
      pass(data, upstream)
    })
    // What the server answers is awaited, so that it has done what it was told before the connection is cut.
    upstream.on('data', data => {
      if (deaf) drop()
      else if (!frozen) pass(data, client)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))

  const cut = () => {
    for (const [client, upstream] of pairs) {
      client.destroy()
      upstream.destroy()
    }
    pairs.clear()
  }
  return {
    port: (server.address() as { port: number }).port,
    get connections() {
      return pairs.size
    },
    cut,
    cutAt(text, when) {
      trap = { text, when }
    },
    freeze() {
      frozen = true
    },
    thaw() {
      frozen = false
    },
    delay(ms) {
      delayMs = ms
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise(resolve => server.close(resolve))
      cut()
      await closed
    },
  }
}
