import type { Contender } from '../suite.ts'
import { type EngineName, openPlace, type Place } from './places.ts'

/** A contender over a database of its own. */
export function contenderOn<Work extends AsyncDisposable>(
  engine: EngineName,
  name: string,
  openWork: (place: Place) => Promise<Work>,
  round: (work: Work, cases: readonly string[]) => Promise<Readonly<Record<string, number>>>,
): Contender<string> {
  return {
    name,
    async open() {
      await using stack = new AsyncDisposableStack()
      const place = stack.use(await openPlace(engine))
      const work = stack.use(await openWork(place))
      const owned = stack.move()
      return {
        round: cases =>
          round(work, cases).catch((error: unknown) => {
            throw new Error(`${name}, ${cases[0]}: ${(error as Error).message}`, { cause: error })
          }),
        [Symbol.asyncDispose]: () => owned.disposeAsync(),
      }
    },
  }
}
