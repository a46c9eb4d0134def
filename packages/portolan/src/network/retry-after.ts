/** `Retry-After` (RFC 9110 §10.2.3), in seconds or as a date, in milliseconds from `now`; `undefined` when it is not understood. */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  const text = value.trim()
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000
  // Every form of an HTTP date begins with a day's name; `Date.parse` alone would take much else for a date.
  const at = /^[A-Z][a-z]+,? /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
