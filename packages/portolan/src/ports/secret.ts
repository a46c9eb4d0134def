/** A value that prints as `[redacted]` everywhere; `reveal` is the only way to it. */
export interface Secret<T = string> {
  reveal(): T
}
