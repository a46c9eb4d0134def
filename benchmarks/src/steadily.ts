/** Starts `work` at a fixed rate; resolves with how long each took from the moment at which it was due, in ms. */
export async function steadily(
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
  work: () => Promise<void>,
): Promise<number[]> {
  const begun = performance.now()
  const latencies: Promise<number>[] = []
  for (let index = 0; index < perSecond * seconds; index++) {
    const due = begun + (index * 1000) / perSecond
    const early = due - performance.now()
    if (early > 0) await new Promise(resolve => setTimeout(resolve, early))
    latencies.push(work().then(() => performance.now() - due))
  }
  return Promise.all(latencies)
}
