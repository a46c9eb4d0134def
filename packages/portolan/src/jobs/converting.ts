import { InfrastructureError } from '../ports/errors.ts'

type Classify = (error: unknown) => InfrastructureError

/** `store` with the errors of its engine, in all of its parts, as `classify` makes them. */
export function converting<Store extends object>(store: Store, classify: Classify): Store {
  const parts = Object.entries(store).map(([name, part]) => [name, convertingPart(part, classify)])
  return Object.fromEntries(parts) as Store
}

function convertingPart(part: unknown, classify: Classify): unknown {
  if (typeof part === 'object' && part !== null) return converting(part, classify)
  if (typeof part !== 'function') return part
  return (...given: unknown[]) => {
    const answer = part(...given) as unknown
    if (!(answer instanceof Promise)) return answer
    return answer.catch(error => {
      throw InfrastructureError.is(error) ? error : classify(error)
    })
  }
}
