import { createHash } from 'node:crypto'

/**
 * Text of any length and characters as the key of a row: at most 65 ASCII characters without capitals, so that every engine and collation
 * tells them apart. What is short and plain stays readable.
 */
export function rowKey(text: string): string {
  if (/^[a-z0-9._:/-]{1,64}$/.test(text)) return text
  // In UTF-16, which also tells halves of characters apart.
  return `~${createHash('sha256').update(text, 'utf16le').digest('hex')}`
}
