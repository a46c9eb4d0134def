import { gatheredWrites } from '../../../runtime/gathered-writes.ts'

/** The part of a socket that is needed here. */
interface Socket {
  write(...args: never[]): boolean
  cork(): void
  uncork(): void
}

/**
 * Has a socket send what it is given in one turn of the event loop in one piece: the client writes frame by frame. `connection` is the
 * client's; one that has no such socket is left as it is.
 */
export function gatherWrites(connection: unknown): void {
  const { stream } = connection as { readonly stream?: Partial<Socket> }
  if (!stream?.write) return
  const write = stream.write.bind(stream)
  const gather = gatheredWrites(setImmediate)
  stream.write = (...args) => {
    gather(stream)
    return write(...args)
  }
}
