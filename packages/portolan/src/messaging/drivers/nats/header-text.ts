/**
 * Text as a header takes it: printable ASCII as it is, the rest percent-encoded, as the HTTP and NATS bindings of CloudEvents have it.
 */
export function encodeHeader(text: string): string {
  return text.replace(/[^\x21-\x7e]|["%]/gu, character => encodeURIComponent(character))
}

/**
 * The text that a header holds; as it is, where its percent signs encode nothing. Quotes around all of it are not part of it: older
 * versions of the bindings wrote them. `undefined` for bytes that are no UTF-8.
 */
export function decodeHeader(header: string): string | undefined {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/su.exec(header)
  const text = quoted ? quoted[1]!.replace(/\\(.)/gsu, '$1') : header
  try {
    return decodeURIComponent(text)
  } catch {
    return /%(?![\da-f]{2})/i.test(text) ? text : undefined
  }
}
