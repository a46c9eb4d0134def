import type { CacheEntryOptions, GetOrSetOptions, LoadContext } from '../ports/cache.ts'
import { InfrastructureError } from '../ports/errors.ts'
import type { Duration, Random } from '../ports/index.ts'
import { milliseconds } from '../runtime/duration.ts'

/** Options in numbers. */
export interface Policy {
  readonly ttlMs: number
  readonly staleMs: number
  readonly softMs: number
  readonly hardMs: number
  /** A share of the time to live; 1: never. */
  readonly eager: number
  readonly jitter: number
  readonly throttleMs: number
  readonly absentMs: number | undefined
  readonly errorMs: number
  readonly tags: readonly string[]
}

/** What applies where a call says nothing. */
export type CacheDefaults = Omit<GetOrSetOptions, 'tags' | 'signal'>

export const noTags: readonly string[] = []

const standard: Policy = {
  ...{ ttlMs: 300_000, staleMs: 0, softMs: Infinity, hardMs: 30_000, eager: 1 },
  ...{ jitter: 0.05, throttleMs: 1_000, absentMs: undefined, errorMs: 0, tags: noTags },
}

/** @throws InfrastructureError `invalid_argument` that names the option. */
export function policyOf(options: GetOrSetOptions | undefined, base: Policy = standard): Policy {
  if (options === undefined) return base
  const { ttl, staleFor, softTimeout, hardTimeout, eagerRefresh, jitter, throttle, absentTtl, errorTtl } =
    options
  return {
    ttlMs: ttl === undefined ? base.ttlMs : ttlOf(ttl),
    staleMs: staleFor === undefined ? base.staleMs : milliseconds(staleFor, 'staleFor'),
    softMs: softTimeout === undefined ? base.softMs : milliseconds(softTimeout, 'softTimeout'),
    hardMs: hardTimeout === undefined ? base.hardMs : milliseconds(hardTimeout, 'hardTimeout'),
    eager: eagerRefresh === undefined ? base.eager : share(eagerRefresh, 'eagerRefresh'),
    jitter: jitter === undefined ? base.jitter : share(jitter, 'jitter'),
    throttleMs: throttle === undefined ? base.throttleMs : milliseconds(throttle, 'throttle'),
    absentMs: absentTtl === undefined ? base.absentMs : milliseconds(absentTtl, 'absentTtl'),
    errorMs: errorTtl === undefined ? base.errorMs : milliseconds(errorTtl, 'errorTtl'),
    tags: options.tags === undefined ? base.tags : checkedTags(options.tags),
  }
}

/** As the load has decided. */
export function decided(policy: Policy, { ttl, staleFor, tags }: LoadContext): Policy {
  if (ttl === undefined && staleFor === undefined && tags === undefined) return policy
  const own: CacheEntryOptions = {
    ...(ttl !== undefined && { ttl }),
    ...(staleFor !== undefined && { staleFor }),
    ...(tags !== undefined && { tags }),
  }
  // What it says of this value also holds where there is none.
  return policyOf(own, ttl === undefined ? policy : { ...policy, absentMs: undefined })
}

/** For how long a value is fresh; shorter at random, as told. */
export function freshFor(value: unknown, { ttlMs, absentMs, jitter }: Policy, random: Random): number {
  const ms = value === undefined || value === null ? (absentMs ?? ttlMs) : ttlMs
  return jitter === 0 || ms === Infinity ? ms : ms * (1 - jitter * random.next())
}

function ttlOf(ttl: Duration | 'forever'): number {
  return ttl === 'forever' ? Infinity : milliseconds(ttl, 'ttl')
}

function share(value: number, name: string): number {
  if (value >= 0 && value <= 1) return value
  throw new InfrastructureError(
    'invalid_argument',
    `${name}: ${value} is no share. Give a number from 0 to 1.`,
  )
}

function checkedTags(tags: readonly string[]): readonly string[] {
  if (tags.length === 0) return noTags
  for (const tag of tags)
    if (typeof tag !== 'string' || tag === '')
      throw new InfrastructureError('invalid_argument', 'tags: give texts that are not empty.')
  return tags.slice()
}
