/** Classes of the platform that are kept as they are, and how. None of them holds other values. */
export interface BuiltIn {
  copy(value: object): object
  /** Its content as JSON, or as bytes. */
  encode(value: object): unknown
  decode(data: unknown): object
  sizeOf(value: object): number
}

function builtIn<T extends object, Data>(parts: {
  copy(value: T): T
  encode(value: T): Data
  decode(data: Data): T
  sizeOf?(value: T): number
}): BuiltIn {
  return {
    copy: value => parts.copy(value as T),
    encode: value => parts.encode(value as T),
    decode: data => parts.decode(data as Data),
    sizeOf: value => parts.sizeOf?.(value as T) ?? 64,
  }
}

type Bytes = Int8Array<ArrayBuffer>

function view(make: new (buffer: ArrayBuffer, offset: number, length: number) => ArrayBufferView): BuiltIn {
  const unit = (make as unknown as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1
  const decode = (bytes: Uint8Array) => {
    // Not by `slice`, which copies nothing of a `Buffer`.
    const own = new Uint8Array(bytes)
    return new make(own.buffer, 0, own.byteLength / unit)
  }
  const encode = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
    new Uint8Array(buffer, byteOffset, byteLength)
  return builtIn<ArrayBufferView, Uint8Array>({
    ...{ encode, decode },
    copy: value => decode(encode(value)),
    sizeOf: ({ byteLength }) => 128 + byteLength,
  })
}

/** In Node alone; elsewhere its bytes come back as a `Uint8Array`. */
const buffer = builtIn<Bytes, Uint8Array>({
  copy: value => bufferOf(value as unknown as Uint8Array) as unknown as Bytes,
  encode: value => new Uint8Array(value.buffer, value.byteOffset, value.byteLength),
  decode: bytes => bufferOf(bytes) as unknown as Bytes,
  sizeOf: ({ byteLength }) => 128 + byteLength,
})

// `from` would cut small ones out of a pool that they then keep alive.
function bufferOf(bytes: Uint8Array): Uint8Array {
  const own = new Uint8Array(bytes)
  return typeof Buffer === 'undefined' ? own : Buffer.from(own.buffer)
}

/** By the name under which they are stored. */
export const builtIns: Readonly<Record<string, BuiltIn>> = {
  Date: builtIn<Date, number | null>({
    copy: date => new Date(date.getTime()),
    encode: date => (Number.isNaN(date.getTime()) ? null : date.getTime()),
    decode: time => new Date(time ?? Number.NaN),
  }),
  RegExp: builtIn<RegExp, readonly [string, string]>({
    copy: ({ source, flags }) => new RegExp(source, flags),
    encode: ({ source, flags }) => [source, flags],
    decode: ([source, flags]) => new RegExp(source, flags),
  }),
  URL: builtIn<URL, string>({
    copy: url => new URL(url),
    encode: url => url.href,
    decode: href => new URL(href),
    sizeOf: ({ href }) => 200 + href.length,
  }),
  ArrayBuffer: builtIn<ArrayBuffer, Uint8Array>({
    copy: value => value.slice(0),
    encode: value => new Uint8Array(value),
    decode: bytes => new Uint8Array(bytes).buffer,
    sizeOf: ({ byteLength }) => 64 + byteLength,
  }),
  Buffer: buffer,
  DataView: view(DataView),
  Int8Array: view(Int8Array),
  Uint8Array: view(Uint8Array),
  Uint8ClampedArray: view(Uint8ClampedArray),
  Int16Array: view(Int16Array),
  Uint16Array: view(Uint16Array),
  Int32Array: view(Int32Array),
  Uint32Array: view(Uint32Array),
  Float32Array: view(Float32Array),
  Float64Array: view(Float64Array),
  BigInt64Array: view(BigInt64Array),
  BigUint64Array: view(BigUint64Array),
}

const platform = globalThis as unknown as Readonly<Record<string, { readonly prototype: object } | undefined>>

const names: ReadonlyMap<object, string> = new Map(
  Object.keys(builtIns).flatMap(name => {
    const prototype = platform[name]?.prototype
    return prototype ? [[prototype, name] as const] : []
  }),
)

/** The name of what has this prototype, if it is one of them. */
export const builtInName = (prototype: object): string | undefined => names.get(prototype)
