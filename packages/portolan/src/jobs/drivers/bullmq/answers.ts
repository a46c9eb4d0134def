/** The answers of a transaction. @throws the first error among them; an error when it came to nothing. */
export function answersOf(replies: readonly (readonly [Error | null, unknown])[] | null): unknown[] {
  if (!replies) throw new Error('The transaction came to nothing.')
  return replies.map(([error, answer]) => {
    if (error) throw error
    return answer
  })
}
