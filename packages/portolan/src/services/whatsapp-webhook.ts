import { type Credential, reveal } from './credential.ts'
import { hmacSha256, hmacSha256Hex, isDigest, sameBytes } from './drivers/hmac.ts'

/**
 * Whether Meta signed this body. Give the bytes as they came: the signature covers Meta's own spelling of the JSON (non-ASCII as
 * lower-case `\u00e4`), so a body that was parsed and written again does not match. Takes the same time wherever a signature is wrong.
 *
 * @param header The value of `X-Hub-Signature-256`.
 * @throws InfrastructureError `invalid_argument` when the secret is empty.
 * @example
 * if (!verifyWhatsAppSignature(request.rawBody, request.headers['x-hub-signature-256'], appSecret)) return reply.code(401).send()
 */
export function verifyWhatsAppSignature(
  rawBody: Uint8Array,
  header: string | undefined,
  appSecret: Credential,
): boolean {
  const secret = reveal(appSecret, 'The app secret of WhatsApp')
  if (!header?.startsWith('sha256=')) return false
  return isDigest(header.slice('sha256='.length), hmacSha256(secret, rawBody))
}

/** The `X-Hub-Signature-256` of a body, as Meta makes it: for emulators and tests. */
export function signWhatsAppPayload(rawBody: string | Uint8Array, appSecret: Credential): string {
  return `sha256=${hmacSha256Hex(reveal(appSecret, 'The app secret of WhatsApp'), rawBody)}`
}

/**
 * The answer to Meta's GET on the webhook's address: the text to send back with status 200, or `undefined` for a 403.
 *
 * @param query The decoded query string.
 * @param verifyToken What was entered beside the address in Meta's dashboard.
 */
export function answerVerification(
  query: URLSearchParams | Readonly<Record<string, unknown>>,
  verifyToken: Credential,
): string | undefined {
  const value = (name: string): unknown => (query instanceof URLSearchParams ? query.get(name) : query[name])
  const given = value('hub.verify_token')
  const challenge = value('hub.challenge')
  if (value('hub.mode') !== 'subscribe' || typeof given !== 'string' || typeof challenge !== 'string')
    return undefined
  // Digests have one length, so that the comparison does not tell that of the token.
  const expected = reveal(verifyToken, 'The verify token of WhatsApp')
  return sameBytes(hmacSha256('verify', given), hmacSha256('verify', expected)) ? challenge : undefined
}
