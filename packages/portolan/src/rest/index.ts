export type {
  Deprecation,
  HandlerContext,
  PageDefinition,
  PageRequest,
  RawDefinition,
  RawHeaders,
  RawQuery,
  RawRequest,
  Responses,
  RouteDefinition,
  RouteMethod,
  RouteRequest,
  RouteResult,
} from './declarations.ts'
export { type EventFeed, type EventFeedOptions, eventFeed } from './event-feed.ts'
export type { HealthReport } from './health.ts'
export { escapeHtml } from './html.ts'
export { type JsonSchema, withJsonSchema } from './json-schema.ts'
export type { HttpLimit, LimitedRequest } from './limit.ts'
export type { RestOptions } from './options.ts'
export type { PathParams } from './path.ts'
export type { Problem } from './problem.ts'
export {
  type ContentOptions,
  events,
  type FileReplyOptions,
  file,
  html,
  Reply,
  type ReplyHeaders,
  redirect,
  reply,
  text,
} from './reply.ts'
export { createRest, type Rest } from './rest.ts'
export type { EventSource, EventsOptions, ServerEvent } from './server-events.ts'
export type { ByteSize } from './size.ts'
