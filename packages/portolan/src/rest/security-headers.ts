import type { Random } from '../ports/identity.ts'

/**
 * For pages that hold all they need: nothing from other hosts, no framing, scripts from this host or with the nonce.
 * Inline styles are allowed, because a page without foreign content has little to fear from them and charts need them.
 */
export function pagePolicy(nonce: string | undefined): string {
  const script = nonce === undefined ? `'self'` : `'self' 'nonce-${nonce}'`
  return (
    `default-src 'none'; script-src ${script}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; ` +
    `connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`
  )
}

/** Fit for `<script nonce="…">`. */
export function makeNonce(random: Random): string {
  return Buffer.from(random.bytes(16)).toString('base64')
}
