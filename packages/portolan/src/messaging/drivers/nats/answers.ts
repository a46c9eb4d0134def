/** What JetStream answers with where it does not do what it is asked. */
const answers = {
  streamNotFound: 10_059,
  /** Of a write that expects another sequence. */
  wrongSequence: 10_071,
}

export function isAnswer(error: unknown, answer: keyof typeof answers): boolean {
  return (error as { readonly code?: unknown } | null)?.code === answers[answer]
}
