/** Something that happened in the shop: the name of a message, its data, and the key that keeps its order. */
export interface DomainEvent {
  readonly type: string
  readonly data: unknown
  readonly key?: string
}
