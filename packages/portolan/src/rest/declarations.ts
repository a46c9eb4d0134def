import type { Schema, SchemaInput, SchemaOutput } from '../ports/schema.ts'
import type { HttpLimit } from './limit.ts'
import type { PathParams } from './path.ts'
import type { Reply } from './reply.ts'
import type { ByteSize } from './size.ts'

export type RouteMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What a route may answer: a schema for each status, `null` for a status without a body. */
export type Responses = Readonly<Record<number, Schema | null>>

/** A query string as it came: text, or a list where a name comes twice. */
export type RawQuery = Readonly<Record<string, string | readonly string[]>>

/** Headers as they came; names in lower case. */
export type RawHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** What a handler sees of a schema: its output, or `Otherwise` when there is none. */
export type Parsed<S, Otherwise> = S extends Schema ? SchemaOutput<S> : Otherwise

type BodyOf<S> = S extends Schema ? Sendable<SchemaInput<S>> : undefined

/** `T`, where lists may also be readonly ones: what is sent is only read. */
type Sendable<T> = T extends string | number | boolean | bigint | symbol | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Sendable<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Sendable<T[Key]> }
      : T

/** The body of the first success status that is declared, in this order. */
type SuccessBody<R> = R extends { 200: infer S }
  ? BodyOf<S>
  : R extends { 201: infer S }
    ? BodyOf<S>
    : R extends { 202: infer S }
      ? BodyOf<S>
      : R extends { 204: null }
        ? undefined
        : never

/** What the handler of a route may return: the body of its success, or any declared status by `reply`. */
export type RouteResult<R> = R extends Responses
  ? SuccessBody<R> | { [Status in keyof R & number]: Reply<Status, BodyOf<R[Status]>> }[keyof R & number]
  : unknown

/**
 * Conditional, although it always holds: so the compiler settles the responses before it looks at what a handler returns,
 * and literals there keep their types.
 */
export type RouteHandler<Request, R> = R extends Responses | undefined
  ? (request: Request) => RouteResult<R> | Promise<RouteResult<R>>
  : never

/** What every handler gets. */
export interface HandlerContext {
  /** Also in the answer (`x-request-id`) and in the log. */
  readonly requestId: string
  /** Aborts when the client left, or when the server's time to drain is up. */
  readonly signal: AbortSignal
}

export interface RouteRequest<Path extends string, P, Q, H, B> extends HandlerContext {
  readonly params: Parsed<P, PathParams<Path>>
  readonly query: Parsed<Q, RawQuery>
  readonly headers: Parsed<H, RawHeaders>
  readonly body: Parsed<B, undefined>
}

/** Deprecation (RFC 9745) and sunset (RFC 8594) of a route, told in headers and in the OpenAPI document. */
export interface Deprecation {
  readonly since: Date
  /** When it will be gone. */
  readonly sunset?: Date
  /** The address that takes its place. */
  readonly successor?: string
}

type MaybeSchema = Schema | undefined

/** An operation of the API: versioned, checked by schemas both ways, in the OpenAPI document. */
export interface RouteDefinition<
  Path extends string,
  P extends MaybeSchema,
  Q extends MaybeSchema,
  H extends MaybeSchema,
  B extends MaybeSchema,
  R extends Responses | undefined,
> {
  readonly method: RouteMethod
  /** As in `/orders/:id`; served below `/v<version>`. */
  readonly path: Path
  readonly version: number
  /** A few words. */
  readonly summary: string
  /** More words. */
  readonly description?: string
  /** The group that the documentation shows it in. */
  readonly tags?: readonly string[]
  /** Unique. Default: from method, version and path. */
  readonly operationId?: string
  readonly deprecated?: Deprecation
  /**
   * Addresses, headers and queries are text: numbers, booleans and lists are made of it before the schema sees it, as far
   * as the schema's JSON Schema asks for them.
   */
  readonly params?: P
  readonly query?: Q
  readonly headers?: H
  readonly body?: B
  /** Default: the server's. */
  readonly bodyLimit?: ByteSize
  /** Besides the server's. */
  readonly limit?: HttpLimit
  /** What is sent is what these schemas yield: whatever a handler returns beyond them stays inside. */
  readonly responses?: R
  readonly handler: RouteHandler<RouteRequest<Path, P, Q, H, B>, R>
}

export interface RawRequest<Path extends string> extends HandlerContext {
  readonly method: string
  readonly params: PathParams<Path>
  readonly query: RawQuery
  readonly headers: RawHeaders
  /** The body as it came; empty when there was none. */
  readonly rawBody: Uint8Array
}

/** An address for webhooks and the like: the handler gets the bytes untouched and checks them itself. */
export interface RawDefinition<Path extends string> {
  readonly method: RouteMethod
  readonly path: Path
  /** Default: the server's. */
  readonly bodyLimit?: ByteSize
  /** Besides the server's. */
  readonly limit?: HttpLimit
  readonly handler: (request: RawRequest<Path>) => Reply | Promise<Reply>
}

export interface PageRequest<Path extends string, P, Q, B> extends HandlerContext {
  readonly params: Parsed<P, PathParams<Path>>
  readonly query: Parsed<Q, RawQuery>
  readonly headers: RawHeaders
  /** The fields of the form; a name that comes twice holds a list. */
  readonly body: Parsed<B, RawQuery>
  /** For `<script nonce="…">`: a new one each request, allowed by the page's Content-Security-Policy. */
  readonly nonce: string
  /** What an event stream that was cut off had sent last. */
  readonly lastEventId: string | undefined
}

/**
 * A page of a server-rendered site, or what belongs to one: forms, files, event streams. It gets a strict
 * Content-Security-Policy, and what changes state is refused when another site sent it.
 */
export interface PageDefinition<
  Path extends string,
  P extends MaybeSchema,
  Q extends MaybeSchema,
  B extends MaybeSchema,
> {
  readonly method: RouteMethod
  readonly path: Path
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  readonly bodyLimit?: ByteSize
  /** Besides the server's. */
  readonly limit?: HttpLimit
  /** Instead of the default Content-Security-Policy. */
  readonly contentSecurityPolicy?: string
  readonly handler: (request: PageRequest<Path, P, Q, B>) => Reply | Promise<Reply>
}
