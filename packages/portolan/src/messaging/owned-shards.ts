/** What a member of a scope is asked and told. */
export interface ShardUser {
  /** Whether something of `shard` is in hand, so that it cannot change hands yet. */
  busy(shard: number): boolean
  /** `Claim.owns` has changed. */
  changed(): void
  /**
   * Before `changed`: shards were taken over from a member that did not give them back. It may be that something of them has ended it, and
   * will end this process.
   */
  tookOver(): void
}

/** The shards of one scope that this process owns, as far as it can know. */
export interface Claim {
  /** Whether work of `shard` may be begun now. */
  owns(shard: number): boolean
  /** The shards of which work may be begun now; `undefined` for all of them. */
  shards(): readonly number[] | undefined
}

export interface ShardState {
  /** Each with the epoch in which it was taken. */
  readonly owned: Map<number, number>
  /** Those of them of which nothing new is begun. */
  readonly leaving: Set<number>
}

export class OwnedShards implements Claim {
  readonly user: ShardUser
  /** How many shards the scope has. */
  readonly count: number
  readonly #valid: () => boolean
  #state: ShardState = { owned: new Map(), leaving: new Set() }
  #usable: readonly number[] = []
  #ended = false

  constructor(user: ShardUser, count: number, valid: () => boolean) {
    this.user = user
    this.count = count
    this.#valid = valid
  }

  owns(shard: number): boolean {
    return this.#usable.includes(shard) && this.#valid()
  }

  shards(): readonly number[] | undefined {
    if (!this.#valid()) return []
    return this.#usable.length === this.count ? undefined : this.#usable
  }

  /** A copy, because a transaction that is rolled back must not leave a trace. */
  state(): ShardState {
    return { owned: new Map(this.#state.owned), leaving: new Set(this.#state.leaving) }
  }

  /** Owns nothing from now on. */
  end(): void {
    this.#ended = true
    this.#usable = []
  }

  replace(state: ShardState): void {
    if (this.#ended) return
    this.#state = state
    this.#usable = [...state.owned.keys()].filter(shard => !state.leaving.has(shard))
    this.user.changed()
  }
}
