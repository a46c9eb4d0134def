import { Readable } from 'node:stream'
import { InfrastructureError } from '../ports/errors.ts'
import type { FileReader } from '../ports/files.ts'
import type { EventSource, EventsOptions } from './server-events.ts'

export type ReplyHeaders = Readonly<Record<string, string>>

/** How the body of a reply goes onto the wire. */
export type ReplyKind = 'json' | 'bytes' | 'stream' | 'events' | 'empty'

// A registered symbol, so that two copies of the package in one process understand each other.
const brand = Symbol.for('portolan.rest.Reply')

/** An answer with its status and headers; made by `reply`, `text`, `html`, `file`, `redirect` and `events`. */
export class Reply<Status extends number = number, Body = unknown> {
  readonly status: Status
  readonly body: Body
  readonly headers: ReplyHeaders
  readonly kind: ReplyKind

  constructor(status: Status, body: Body, headers: ReplyHeaders, kind: ReplyKind) {
    this.status = status
    this.body = body
    this.headers = headers
    this.kind = kind
  }

  get [brand](): true {
    return true
  }

  static is(value: unknown): value is Reply {
    return typeof value === 'object' && value !== null && brand in value
  }
}

const noHeaders: ReplyHeaders = Object.freeze({})

/** An answer with a status: without a body, or with one that is sent as JSON. */
export function reply<Status extends number>(status: Status): Reply<Status, undefined>
export function reply<Status extends number, const Body>(
  status: Status,
  body: Body,
  headers?: ReplyHeaders,
): Reply<Status, Body>
export function reply(status: number, body?: unknown, headers: ReplyHeaders = noHeaders): Reply {
  return new Reply(status, body, headers, body === undefined ? 'empty' : 'json')
}

export interface ContentOptions {
  /** Default 200. */
  readonly status?: number
  readonly headers?: ReplyHeaders
}

/** Plain text, in UTF-8. */
export function text(body: string, options: ContentOptions = {}): Reply {
  return content(body, 'text/plain; charset=utf-8', options)
}

/** A page, in UTF-8. Escape what comes from outside; the library sends the text as it is. */
export function html(body: string, options: ContentOptions = {}): Reply {
  return content(body, 'text/html; charset=utf-8', options)
}

/** Sends the browser elsewhere. Default 303: `GET` the other address, also after a `POST`. */
export function redirect(location: string, status: 301 | 302 | 303 | 307 | 308 = 303): Reply {
  // An address may hold characters that a header may not; a line break would start another header.
  const encoded = location.replace(/[^\x21-\x7e]/gu, encodeURIComponent)
  return new Reply(status, undefined, { location: encoded }, 'empty')
}

export interface FileReplyOptions extends ContentOptions {
  /** The name that a browser saves it under; without it, the browser shows the file. */
  readonly downloadAs?: string
}

/** A file that was opened with `files.read`, or bytes or a stream of them with their content type. */
export function file(reader: FileReader, options?: FileReplyOptions): Reply
export function file(
  body: Uint8Array | string | AsyncIterable<Uint8Array>,
  contentType: string,
  options?: FileReplyOptions,
): Reply
export function file(
  source: FileReader | Uint8Array | string | AsyncIterable<Uint8Array>,
  typeOrOptions?: string | FileReplyOptions,
  more?: FileReplyOptions,
): Reply {
  if (typeof typeOrOptions === 'string') return content(source, typeOrOptions, disposition(more ?? {}))
  if (typeof source === 'string' || !('info' in source)) {
    throw new InfrastructureError('invalid_argument', 'file(): give the content type of bytes and streams.')
  }
  return content(source, source.info.contentType, disposition(typeOrOptions ?? {}))
}

/** Server-sent events: each item of `source` as it comes, with heartbeats between, until either side closes. */
export function events(source: EventSource, options: EventsOptions = {}): Reply {
  return new Reply(200, { source, options }, noHeaders, 'events')
}

function content(
  body: string | Uint8Array | AsyncIterable<Uint8Array>,
  contentType: string,
  { status = 200, headers = noHeaders }: ContentOptions,
): Reply {
  const all = { 'content-type': contentType, ...headers }
  if (typeof body === 'string') return new Reply(status, body, all, 'bytes')
  if (body instanceof Uint8Array) {
    const view = Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength)
    return new Reply(status, view, all, 'bytes')
  }
  return new Reply(status, Readable.from(body, { objectMode: false }), all, 'stream')
}

function disposition(options: FileReplyOptions): ContentOptions {
  if (options.downloadAs === undefined) return options
  // RFC 6266: the plain name for old clients, the encoded one for every other.
  const plain = options.downloadAs.replace(/[^\x20-\x7e]|["\\]/gu, '_')
  const encoded = encodeURIComponent(options.downloadAs).replace(
    /['()*]/g,
    c => `%${c.charCodeAt(0).toString(16)}`,
  )
  const header = `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
  return { ...options, headers: { 'content-disposition': header, ...options.headers } }
}
