/** An error in the words of the Graph API. */
export interface GraphError {
  readonly status: number
  readonly code: number
  readonly message: string
  readonly details?: string
  readonly type?: 'OAuthException' | 'GraphMethodException'
  readonly subcode?: number
}

/** Titles and HTTP statuses as Meta documents them. Clients are told to branch on the code alone. */
const known: Readonly<Record<number, readonly [status: number, title: string]>> = {
  1: [500, 'An unknown error occurred'],
  2: [503, 'Service temporarily unavailable'],
  4: [400, 'Application request limit reached'],
  100: [400, 'Invalid parameter'],
  190: [401, 'Invalid OAuth access token - Cannot parse access token'],
  368: [403, 'Temporarily blocked for policies violations'],
  80007: [400, 'Rate limit issues'],
  130429: [400, 'Rate limit hit'],
  131000: [500, 'Something went wrong'],
  131008: [400, 'Required parameter is missing'],
  131009: [400, 'Parameter value is not valid'],
  131016: [500, 'Service unavailable'],
  131026: [400, 'Message undeliverable'],
  131031: [403, 'Account has been locked'],
  131047: [400, 'Re-engagement message'],
  131048: [400, 'Spam rate limit hit'],
  131049: [400, 'This message was not delivered to maintain healthy ecosystem engagement.'],
  131051: [400, 'Unsupported message type'],
  131052: [400, 'Media download error'],
  131053: [400, 'Media upload error'],
  131056: [400, '(Business Account, Consumer Account) pair rate limit hit'],
  132000: [400, 'Number of parameters does not match the expected number of params'],
  132001: [404, 'Template name does not exist in the translation'],
  132015: [400, 'Template is paused'],
}

export function graphError(code: number, details?: string): GraphError {
  const [status, title] = known[code] ?? [400, 'Something went wrong']
  // Old errors carry their text alone; those of the Cloud API are prefixed with their number.
  const message = code < 100 || code === 190 || code === 368 ? title : `(#${code}) ${title}`
  return { status, code, message, ...(details !== undefined && { details }) }
}

/** What an asynchronous failure adds to its title. */
const failureDetails: Readonly<Record<number, string>> = {
  131026: 'Message was not delivered: the number is not on WhatsApp or cannot be reached.',
  131047:
    'Message failed to send because more than 24 hours have passed since the customer last replied to this number.',
}

/** What `errors` of a failed status holds. */
export function statusError(code: number): object {
  const title = known[code]?.[1] ?? 'Something went wrong'
  const details = failureDetails[code]
  return {
    code,
    title,
    message: title,
    ...(details !== undefined && { error_data: { details } }),
    href: 'https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/',
  }
}

export function graphErrorBody(error: GraphError, traceId: string): string {
  return JSON.stringify({
    error: {
      message: error.message,
      type: error.type ?? 'OAuthException',
      code: error.code,
      ...(error.subcode !== undefined && { error_subcode: error.subcode }),
      ...(error.details !== undefined && {
        error_data: { messaging_product: 'whatsapp', details: error.details },
      }),
      fbtrace_id: traceId,
    },
  })
}
