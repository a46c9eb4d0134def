import type { Secret } from '../ports/secret.ts'
import { redacted } from './redacted.ts'

/**
 * Knows the secrets of one application and takes them out of text. Made once, filled by `loadConfig`, used by the logger.
 */
export interface Redactor {
  /** Remembers a secret's text. Those shorter than 4 characters are not: they would occur everywhere. */
  add(secret: string | Secret<unknown>): void
  /** `text` without the known secrets (plain, JSON-escaped, or percent-encoded) and without the credentials of URLs. */
  text(text: string): string
}

/**
 * @example
 * const redactor = createRedactor()
 * const config = await loadConfig(ShopConfig, { redactor })
 * const logger = await openLogger('pino:', { redactor })
 */
export function createRedactor(): Redactor {
  let known: string[] = []
  return {
    add(secret) {
      const value = typeof secret === 'string' ? secret : secret.reveal()
      if (typeof value !== 'string' || value.length < 4) return
      const forms = [value, ...passwordsOf(value)].flatMap(form => [
        form,
        JSON.stringify(form).slice(1, -1),
        encoded(form),
      ])
      // The longest first, so that a secret that contains another one goes as a whole.
      known = [...new Set([...known, ...forms])].sort((left, right) => right.length - left.length)
    },
    text(text) {
      let clean = text
      for (const secret of known) if (clean.includes(secret)) clean = clean.replaceAll(secret, redacted)
      return withoutCredentials(clean)
    },
  }
}

/**
 * `text` without the credentials of the URLs in it: user information, and parameters such as `password=`. Meant for text that
 * is shown; it rather takes too much than too little.
 */
export function withoutCredentials(text: string): string {
  if (!text.includes('@') && !text.includes('=')) return text
  return text
    .replace(/:\/\/[^\s"'<>]*@/g, `://${redacted}@`)
    .replace(
      /([?&;][\w.-]*(?:password|passwd|pwd|secret|token|key|signature|credential)=)[^&\s"'<>]*/gi,
      `$1${redacted}`,
    )
}

/** A client may tell the password of a URL alone. */
function passwordsOf(text: string): string[] {
  const password = text.includes('@') && URL.canParse(text) ? new URL(text).password : ''
  return [password, decoded(password)].filter(form => form.length >= 4)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function encoded(value: string): string {
  try {
    return encodeURIComponent(value)
  } catch {
    // A lone surrogate has no encoding.
    return value
  }
}
