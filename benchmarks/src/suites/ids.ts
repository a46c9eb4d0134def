import { randomUUID } from 'node:crypto'
import { uuidV7 } from 'portolan/runtime'
import type { Contender, Suite } from '../suite.ts'

const perRound = 1_000_000

/** How fast ids are made: one for every message, job and row that is written. */
export const suite: Suite = {
  name: 'ids',
  packages: [],
  trials: [
    {
      cases: { make: { unit: 'ids/s', better: 'higher' } },
      contenders: [
        contender('portolan', () => {
          const ids = uuidV7()
          return () => ids.next()
        }),
        contender('node:crypto', () => randomUUID),
      ],
    },
  ],
}

function contender(name: string, generator: () => () => string): Contender<'make'> {
  return {
    name,
    async open() {
      const next = generator()
      return {
        async round() {
          const ids = new Array<string>(perRound)
          const start = performance.now()
          for (let i = 0; i < perRound; i++) ids[i] = next()
          const seconds = (performance.now() - start) / 1000
          if (new Set(ids).size !== perRound) throw new Error(`${name} made an id twice.`)
          return { make: perRound / seconds }
        },
        async [Symbol.asyncDispose]() {},
      }
    },
  }
}
