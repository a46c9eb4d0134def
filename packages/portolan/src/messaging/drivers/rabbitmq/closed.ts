interface Closable {
  close(): Promise<void>
  once(event: 'close', listener: () => void): unknown
}

/** Closes a channel or a connection. Of one that is lost while it is being closed, the client never answers, but says that it is closed. */
export function closed(closable: Closable): Promise<void> {
  return new Promise(resolve => {
    closable.once('close', () => resolve())
    // It was closed before.
    closable.close().then(resolve, () => resolve())
  })
}
