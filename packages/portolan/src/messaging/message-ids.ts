const longest = 200

/** Other publishers choose their ids, and not every index takes them as they are: too long, or told apart by a space at the end. */
export function indexable(messageId: string): string | Promise<string> {
  return messageId.length <= longest && !messageId.endsWith(' ') ? messageId : hashOf(messageId)
}

async function hashOf(text: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(hash), byte => byte.toString(16).padStart(2, '0')).join('')
}
