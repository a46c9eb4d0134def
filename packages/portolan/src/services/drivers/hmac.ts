import { createHmac, timingSafeEqual } from 'node:crypto'

/** HMAC-SHA256 over `parts`, one after the other. */
export function hmacSha256(secret: string, ...parts: readonly (string | Uint8Array)[]): Uint8Array {
  const hmac = createHmac('sha256', secret)
  for (const part of parts) hmac.update(part)
  return hmac.digest()
}

/** The same in lower-case hexadecimal digits. */
export function hmacSha256Hex(secret: string, ...parts: readonly (string | Uint8Array)[]): string {
  const hmac = createHmac('sha256', secret)
  for (const part of parts) hmac.update(part)
  return hmac.digest('hex')
}

/** Compares in a time that does not depend on where they differ. */
export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right)
}

/** Whether `hex`, 64 hexadecimal digits of any case, stands for `digest`. */
export function isDigest(hex: string, digest: Uint8Array): boolean {
  return /^[0-9a-f]{64}$/i.test(hex) && sameBytes(Buffer.from(hex, 'hex'), digest)
}
