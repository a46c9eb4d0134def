import { type EngineName, openPlace, type Place } from './place.ts'
import type { Contender, Trial } from './suite.ts'

/** Opens a contender at a place of its own. */
export type Open<Opened extends AsyncDisposable> = (engine: EngineName, place: Place) => Promise<Opened>

/** A trial of everything in operations a second, on one engine. */
export function trialOn<Opened extends AsyncDisposable>(
  engine: EngineName,
  unit: string,
  cases: Readonly<Record<string, (opened: Opened) => Promise<number>>>,
  contenders: Readonly<Record<string, Open<Opened>>>,
): Trial {
  return {
    name: engine,
    apart: true,
    cases: Object.fromEntries(Object.keys(cases).map(name => [name, { unit, better: 'higher' }])),
    contenders: Object.entries(contenders).map(
      ([name, open]): Contender<string> => ({
        name: name === 'portolan' ? `${name}/${engine}` : name,
        async open() {
          await using stack = new AsyncDisposableStack()
          const place = stack.use(await openPlace(engine))
          const opened = stack.use(await open(engine, place))
          const owned = stack.move()
          return {
            async round(names) {
              const figures: Record<string, number> = {}
              for (const each of names) figures[each] = await cases[each]!(opened)
              return figures
            },
            [Symbol.asyncDispose]: () => owned.disposeAsync(),
          }
        },
      }),
    ),
  }
}
