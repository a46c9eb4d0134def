import { type ErrorCode, InfrastructureError, type Retry } from '../ports/errors.ts'
import type { HttpResponse } from '../ports/http-client.ts'

interface Meaning {
  readonly code: ErrorCode
  readonly retry: Retry
  /** What to do next. */
  readonly hint: string
}

const later = (code: ErrorCode, hint: string): Meaning => ({ code, retry: 'later', hint })
const final = (code: ErrorCode, hint: string): Meaning => ({ code, retry: 'never', hint })

const badToken = final('unauthenticated', 'Make a new access token, and set it in the configuration.')
const parameter = final('invalid_argument', 'Correct the message; the service says which parameter.')
const template = final('invalid_argument', "Compare it with the approved template in WhatsApp's manager.")
const account = final('permission_denied', "See the state of the account in WhatsApp's manager.")
const service = later('unavailable', 'The service has a problem; try again later.')
const rate = later('rate_limited', 'Send more slowly.')

/** The codes of the Cloud API on which a program can act. Anything else goes by its HTTP status. */
const meanings: Readonly<Record<number, Meaning>> = {
  0: badToken,
  1: service,
  2: service,
  3: final('permission_denied', 'Give the token the permission whatsapp_business_messaging.'),
  4: rate,
  10: final('permission_denied', 'Give the token the permission whatsapp_business_messaging.'),
  33: final('not_found', 'Check phoneNumberId.'),
  100: parameter,
  190: badToken,
  368: account,
  80007: rate,
  130429: rate,
  130472: final('permission_denied', 'The customer is part of an experiment and gets no marketing.'),
  130497: account,
  131000: service,
  131005: final('permission_denied', 'Give the token the permission whatsapp_business_messaging.'),
  131008: parameter,
  131009: parameter,
  131016: service,
  131021: final('invalid_argument', 'A business cannot write to itself.'),
  131026: final('not_found', 'The number has no WhatsApp that can receive this.'),
  131031: account,
  131042: account,
  131045: account,
  131047: final('precondition_failed', 'The customer wrote more than 24 hours ago: send a template.'),
  131048: later(
    'rate_limited',
    'Too many messages were reported as spam; the quality of the number limits it.',
  ),
  131049: final('resource_exhausted', 'The customer got enough marketing; wait before the next.'),
  131051: final('unsupported', 'Send a kind of message that the API has.'),
  131052: final('not_found', "The customer's media cannot be downloaded; ask for it again."),
  131053: final('invalid_argument', 'The media cannot be uploaded; check its type and size.'),
  131056: later('rate_limited', 'One customer gets at most a message in about six seconds.'),
  131057: later('unavailable', 'The account is in maintenance; try again later.'),
  131062: final('unsupported', 'This kind of message needs a phone number, not a user id.'),
  132000: template,
  132001: template,
  132005: template,
  132007: template,
  132012: template,
  132015: final('precondition_failed', 'The template is paused for its quality; edit it, or use another.'),
  132016: final('precondition_failed', 'The template is disabled for its quality; make another.'),
  133004: service,
  133010: final('precondition_failed', 'Register the phone number first.'),
}

/**
 * The error of an answer that is no success; `details` hold `status`, and `whatsappCode` and `traceId` when the service named them.
 *
 * @param token Taken out of what the service says: it repeats one that it cannot read.
 */
export function whatsappError(
  response: HttpResponse,
  token: string,
  retryAfterMs: number | undefined,
): InfrastructureError {
  const { status } = response
  const error = readError(new TextDecoder().decode(response.body).replaceAll(token, '[redacted]'))
  const meaning = (error.code === undefined ? undefined : meanings[error.code]) ?? meaningOfStatus(status)
  const said = error.message ? `: ${error.message}` : ''
  // A refusal with a code is the service's own word that it took nothing; a gateway's page is not.
  const outcome = error.code !== undefined || status < 500 ? 'not_sent' : 'unknown'
  return new InfrastructureError(
    meaning.code,
    `WhatsApp answered ${status}${said.replace(/\.$/, '')}. ${meaning.hint}`,
    {
      retry: outcome === 'unknown' ? 'never' : meaning.retry,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      details: {
        status,
        outcome,
        ...(error.code !== undefined && { whatsappCode: error.code }),
        ...(error.traceId && { traceId: error.traceId }),
      },
    },
  )
}

function meaningOfStatus(status: number): Meaning {
  if (status === 401) return badToken
  if (status === 403) return final('permission_denied', 'Check the permissions of the token.')
  if (status === 404) return final('not_found', 'Check baseUrl, version and phoneNumberId.')
  if (status === 429) return rate
  if (status >= 500) return service
  return parameter
}

function readError(body: string): { code?: number; message?: string; traceId?: string } {
  try {
    const { error } = JSON.parse(body)
    const text = (value: unknown) => (typeof value === 'string' ? value.slice(0, 500) : undefined)
    const parts = [text(error.message), text(error.error_data?.details)].filter(Boolean)
    return {
      ...(Number.isSafeInteger(error.code) && { code: error.code }),
      message: parts.join(' – '),
      ...(text(error.fbtrace_id) && { traceId: text(error.fbtrace_id)! }),
    }
  } catch {
    return {}
  }
}
