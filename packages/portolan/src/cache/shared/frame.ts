import { deflate, inflate } from '../values/compression.ts'
import { concat, decodePayload, encodePayload } from '../values/payload.ts'
import type { CacheTypes } from '../values/types.ts'

/** What is stored with a value. Times are from when it was written; `Infinity`: never. */
export interface Frame {
  readonly freshMs: number
  readonly eagerMs: number
  readonly goneMs: number
  /** By their full names. */
  readonly tags: readonly string[]
  readonly etag: string | undefined
  readonly lastModified: string | undefined
}

export interface Format {
  readonly types: CacheTypes
  /** The application's, of what it keeps: others are not read. */
  readonly version: string
  /** Payloads of more bytes are compressed. */
  readonly compressOver: number
}

/** Of the library's, at the begin of each entry. */
const mark = 'portolan1'
const newline = 0x0a

type Header = readonly [
  mark: string,
  version: string,
  ...times: [freshMs: number | null, eagerMs: number | null, goneMs: number | null],
  tags: readonly string[],
  compressed: 0 | 1,
  etag?: string | null,
  lastModified?: string | null,
]

/** Why what is stored cannot be used. */
export type Unusable = 'corrupt' | 'foreign' | 'outdated'

export interface Read {
  readonly value: unknown
  readonly size: number
  readonly frame: Frame
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** A line of JSON, then the payload. At once, unless it is compressed. */
export function encodeFrame(
  value: unknown,
  frame: Frame,
  { types, version, compressOver }: Format,
): Uint8Array | Promise<Uint8Array> {
  const whole = encodePayload(headOf(frame, version, 0), value, types)
  const payload = whole.subarray(whole.indexOf(newline) + 1)
  if (payload.byteLength <= compressOver) return whole
  const head = encoder.encode(headOf(frame, version, 1))
  return deflate(payload).then(packed => concat([head, packed]))
}

function headOf(frame: Frame, version: string, compressed: 0 | 1): string {
  const { freshMs, eagerMs, goneMs, tags, etag, lastModified } = frame
  // JSON writes Infinity as null.
  const conditions = lastModified === undefined && etag === undefined ? [] : [etag ?? null, lastModified]
  const header = [mark, version, freshMs, eagerMs, goneMs, tags, compressed, ...conditions]
  return `${JSON.stringify(header)}\n`
}

/** At once, unless it is compressed. */
export function decodeFrame(bytes: Uint8Array, format: Format): Read | Unusable | Promise<Read | Unusable> {
  const end = bytes.indexOf(newline)
  try {
    const header = JSON.parse(decoder.decode(bytes.subarray(0, Math.max(0, end)))) as Header
    if (!Array.isArray(header) || header[0] !== mark) return 'foreign'
    const [, version, freshMs, eagerMs, goneMs, tags, compressed, etag, lastModified] = header
    if (version !== format.version) return 'outdated'
    const payload = bytes.subarray(end + 1)
    const frame: Frame = {
      freshMs: freshMs ?? Infinity,
      eagerMs: eagerMs ?? Infinity,
      goneMs: goneMs ?? Infinity,
      tags,
      etag: etag ?? undefined,
      lastModified: lastModified ?? undefined,
    }
    const read = (whole: Uint8Array): Read => {
      const value = decodePayload(whole, format.types)
      return { value, size: payload.byteLength, frame }
    }
    return compressed
      ? inflate(payload)
          .then(read)
          .catch(() => 'corrupt')
      : read(payload)
  } catch {
    return bytes.length > mark.length && beginOf(bytes).startsWith(`["${mark}"`) ? 'corrupt' : 'foreign'
  }
}

const beginOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes.subarray(0, 16))
