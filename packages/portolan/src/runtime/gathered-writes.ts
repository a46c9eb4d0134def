/** The part of a stream that is needed here. A socket has it; what a client library calls its stream need not. */
interface Corkable {
  cork(): void
  uncork(): void
}

/**
 * Has a stream send what it is given before `release` calls back in one piece: each write of its own would be a call of the kernel that costs
 * more than what it sends. The function that it returns is to be called before each write; it leaves a stream alone that cannot hold back.
 *
 * @example
 * const gather = gatheredWrites(process.nextTick)
 * gather(socket)
 * socket.write('as many as you like')
 */
export function gatheredWrites(
  release: (callback: () => void) => void,
): (stream: Partial<Corkable> | undefined) => void {
  let gathering = false
  return stream => {
    if (gathering || !stream?.cork || !stream.uncork) return
    gathering = true
    stream.cork()
    release(() => {
      gathering = false
      stream.uncork!()
    })
  }
}
