import fc from 'fast-check'

/** Any limit. */
export const options = fc.record({
  algorithm: fc.constantFrom('token_bucket' as const, 'sliding_window' as const),
  limit: fc.integer({ min: 1, max: 12 }),
  per: fc.integer({ min: 10, max: 5_000 }),
  block: fc.option(
    fc.record({ after: fc.integer({ min: 1, max: 5 }), for: fc.integer({ min: 1, max: 9_000 }) }),
    {
      nil: undefined,
    },
  ),
})
/** Milliseconds that pass, and what is asked for then. */
export const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 1, max: 3 })), {
  maxLength: 60,
})
