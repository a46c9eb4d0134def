import { InfrastructureError } from '../ports/errors.ts'

/** Lifts data of version `n` to `n + 1`; the key is `n`. */
export type Upcasters = Readonly<Record<number, (data: unknown) => unknown>>

export type Lifted =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly reason: string; readonly cause: unknown }

/** @throws InfrastructureError `invalid_argument` for a version that is no whole number of 1 or more, or an upcaster that leads nowhere. */
export function checkVersions(what: string, version: number, upcasters: Upcasters): void {
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new InfrastructureError(
      'invalid_argument',
      `version of ${what}: ${version} is no whole number of 1 or more.`,
    )
  }
  for (const from of Object.keys(upcasters).map(Number)) {
    if (Number.isSafeInteger(from) && from >= 1 && from < version) continue
    throw new InfrastructureError(
      'invalid_argument',
      `upcasters of ${what}: ${from} is no version before ${version}. The key is the version that is lifted.`,
    )
  }
}

/** Lifts stored data to the version that is known here. Never throws. */
export function lifted(data: unknown, from: number, to: number, upcasters: Upcasters): Lifted {
  if (from > to)
    return refused(
      `Version ${from} is newer than ${to}, the one known here. Deploy what knows it, then replay.`,
    )
  let current = data
  for (let version = from; version < to; version++) {
    const lift = upcasters[version]
    if (!lift) return refused(`There is no upcaster from version ${version}. Define one, then replay.`)
    try {
      current = lift(current)
    } catch (cause) {
      return refused(`The upcaster from version ${version} failed.`, cause)
    }
  }
  return { ok: true, data: current }
}

function refused(reason: string, cause?: unknown): Lifted {
  return { ok: false, reason, cause }
}
