/**
 * Text as a header takes it: printable ASCII as it is, the rest percent-encoded, as the HTTP and NATS bindings of CloudEvents have it.
 */
export function encodeHeader(text: string): string {
  return text.replace(/[^\x21-\x7e]|["%]/gu, character => encodeURIComponent(character))
}

/** The text that a header holds; as it is, where its percent signs encode nothing. */
export function decodeHeader(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
