/** Whether it never changes, and can be kept. */
export function isPlain(value: unknown): boolean {
  return typeof value === 'object' ? value === null : typeof value !== 'function' && typeof value !== 'symbol'
}
