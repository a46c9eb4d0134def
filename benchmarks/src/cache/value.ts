/** What every contender keeps: as an application would, plain enough for all of them to bring it back. */
export interface Product {
  readonly id: string
  readonly name: string
  readonly price: number
  readonly active: boolean
  readonly labels: readonly string[]
  readonly stock: { readonly main: number; readonly outlet: number }
}

export const productOf = (id: string): Product => ({
  ...{ id, name: `Product ${id}`, price: 1_999, active: true },
  ...{ labels: ['new', 'sale', 'eu'], stock: { main: 12, outlet: 3 } },
})

export const ttlMs = 3_600_000
export const someTags = ['t0', 't1', 't2', 't3', 't4', 't5', 't6', 't7', 't8', 't9'] as const

export function check(product: unknown, id: string): void {
  const { name, stock } = (product ?? {}) as Partial<Product>
  if (name !== `Product ${id}` || stock?.outlet !== 3) throw new Error(`A wrong product for ${id}.`)
}
