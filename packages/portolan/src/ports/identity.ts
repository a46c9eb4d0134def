/** Identifiers that are unique without asking anyone. */
export interface Ids {
  /** A UUID of version 7 (RFC 9562): sorts by the time it was made. */
  next(): string
}

/** Randomness. */
export interface Random {
  /** A number in [0, 1), for jitter and sampling; not for secrets. */
  next(): number
  /** Bytes fit for keys and tokens. */
  bytes(length: number): Uint8Array
}
