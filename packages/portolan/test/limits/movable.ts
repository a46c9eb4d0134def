import { systemClock } from 'portolan/runtime'

/** A clock that goes where it is told to. */
export function movable() {
  let now = 1_700_000_000_000
  return {
    ...systemClock,
    now: () => now,
    monotonic: () => now,
    move(ms: number) {
      now += ms
    },
  }
}
