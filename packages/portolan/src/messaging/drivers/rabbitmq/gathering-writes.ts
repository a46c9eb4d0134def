/** The part of a socket that is needed here. */
interface Socket {
  write(...args: never[]): boolean
  cork(): void
  uncork(): void
}

/**
 * Has a socket send what it is given in one turn of the event loop in one piece. The client writes frame by frame, and each would be a
 * call of the kernel that costs more than making the frame. `connection` is the client's; one that has no such socket is left as it is.
 */
export function gatherWrites(connection: unknown): void {
  const { stream } = connection as { readonly stream?: Partial<Socket> }
  if (!stream?.write || !stream.cork || !stream.uncork) return
  const write = stream.write.bind(stream)
  let gathering = false
  stream.write = (...args) => {
    if (!gathering) {
      gathering = true
      stream.cork!()
      setImmediate(() => {
        gathering = false
        stream.uncork!()
      })
    }
    return write(...args)
  }
}
