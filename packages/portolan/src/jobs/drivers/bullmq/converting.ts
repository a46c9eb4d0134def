/** `store` with every error, of itself and of its parts, as `convert` makes it. */
export function converting<Store extends object>(store: Store, convert: (error: unknown) => Error): Store {
  const parts = Object.entries(store).map(([name, part]) => [name, convertingPart(part, convert)])
  return Object.fromEntries(parts) as Store
}

function convertingPart(part: unknown, convert: (error: unknown) => Error): unknown {
  if (typeof part === 'object' && part !== null) return converting(part, convert)
  if (typeof part !== 'function') return part
  return (...given: unknown[]) => {
    const answer = part(...given) as unknown
    if (!(answer instanceof Promise)) return answer
    return answer.catch(error => {
      throw convert(error)
    })
  }
}
