import { concat } from './payload.ts'

/** By the platform, as raw deflate. */
export const deflate = (bytes: Uint8Array): Promise<Uint8Array> =>
  through(bytes, new CompressionStream('deflate-raw'))

export const inflate = (bytes: Uint8Array): Promise<Uint8Array> =>
  through(bytes, new DecompressionStream('deflate-raw'))

async function through(bytes: Uint8Array, stream: GenericTransform): Promise<Uint8Array> {
  const whole = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(stream)
  return concat(await Array.fromAsync(whole as AsyncIterable<Uint8Array>))
}

type GenericTransform = Parameters<ReadableStream<Uint8Array>['pipeThrough']>[0] & {
  readonly readable: ReadableStream<Uint8Array>
}
