/**
 * Shares of the work of a scope: the most processes that can take part in it. Rows hold their share, so it never changes. More would
 * let more take part, but each renewal handles as many rows, and each read names as many.
 */
export const shardCount = 16

/** The share of the work that a key belongs to: FNV-1a, the same in every process and release. */
export function shardOf(key: string, count = shardCount): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) {
    hash ^= key.charCodeAt(i)
    hash = Math.imul(hash, 0x01000193)
  }
  // The low bits of FNV-1a are its weakest.
  return ((hash >>> 16) ^ (hash & 0xffff)) % count
}

/** The partition that a message goes to; those without a key are spread. */
export function partitionOf(
  { id, key }: { readonly id: string; readonly key: string | undefined },
  count = shardCount,
): number {
  return shardOf(key ?? id, count)
}
