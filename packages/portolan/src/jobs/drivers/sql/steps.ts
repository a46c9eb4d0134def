type Steps<Answers extends readonly unknown[]> = { readonly [I in keyof Answers]: () => Promise<Answers[I]> }

/** Runs statements that do not wait for each other's answers: see `together` and `inTurn`. */
export type RunSteps = <Answers extends readonly unknown[]>(steps: Steps<Answers>) => Promise<Answers>

/**
 * All at once. Rejects with the error of the first step that failed, when all have ended: what failed behind it only failed because
 * the transaction had.
 */
export const together: RunSteps = async steps => {
  // The usual case of a small exchange; it needs no list of outcomes.
  if (steps.length === 1) return [await steps[0]!()] as never
  const outcomes = await Promise.allSettled(steps.map(step => step()))
  return outcomes.map(outcome => {
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  }) as never
}

/** One after the other. */
export const inTurn: RunSteps = async steps => {
  const answers: unknown[] = []
  for (const step of steps) answers.push(await step())
  return answers as never
}
