import type { InfrastructureError } from '../ports/errors.ts'
import type { Health } from '../ports/service.ts'

/**
 * The logical time of a store, in microseconds since the epoch on its own clock and higher with each change, also where that clock is set
 * back. It orders loads against the changes that they raced.
 */
export type Tick = number

/** What a store holds under a key. */
export interface StoredEntry {
  /** When it was set, or the birth of the load that it comes from. */
  readonly tick: Tick
  /** How long ago it was written, by the store's clock. */
  readonly ageMs: number
  readonly bytes: Uint8Array
}

export interface StoreRead {
  readonly entry: StoredEntry | undefined
  /** A deletion of this key that is still remembered. */
  readonly deletedAt: Tick
  /** When tags were last marked; 0 when the store has lost what was marked, or is new. */
  readonly markedAt: Tick
}

export interface StoreWrite {
  readonly bytes: Uint8Array
  /** When the store may forget it; `Infinity`: never. */
  readonly lifeMs: number
  /**
   * Of a load: what happened after it is newer, so the entry is refused where the key or one of its tags has been changed since.
   * `undefined`: of a change, which always wins.
   */
  readonly birth: Tick | undefined
  readonly tags: readonly string[]
}

export interface CacheStoreCapabilities {
  /** Several processes may share it. */
  readonly shared: boolean
}

/** What an engine provides to hold entries behind the memory. Each is one atomic step. Raises the engine's own errors. */
export interface CacheStore {
  /** For telemetry and messages. */
  readonly name: string
  readonly capabilities: CacheStoreCapabilities
  /** Called before anything else; again when it failed. */
  open(): Promise<void>
  read(key: string): Promise<StoreRead>
  /** `false`: refused. Where it is out of room, it first deletes what is there, and raises an error that means `resource_exhausted`. */
  write(key: string, entry: StoreWrite): Promise<boolean>
  /** Remembers the deletion for `rememberMs`, so that it also holds against loads that are under way. */
  remove(key: string, rememberMs: number): Promise<void>
  /** Marks tags as deleted by now. It remembers some thousand tags: `''` is marked with those that it forgets, and stands for all of them. */
  mark(tags: readonly string[]): Promise<void>
  /** The tags that were marked after `since`, `''` among them where any were forgotten since then or everything was lost. Begins anew after a loss. */
  marks(since: Tick): Promise<readonly (readonly [tag: string, at: Tick])[]>
  classify(error: unknown): InfrastructureError
  health(): Promise<Health>
  close(): Promise<void>
}

export interface BusListener {
  receive(message: string): void
  /** Messages may have been missed. Also called when it listens for the first time. */
  gap(): void
}

/** What an engine provides to tell other processes of changes. Raises the engine's own errors. */
export interface CacheBus {
  readonly name: string
  /** Begins to listen, and goes on doing so by itself whenever it was interrupted. Called again when it failed. */
  open(listener: BusListener): Promise<void>
  /** Resolves when it will reach all who listen. Who published may receive it as well. */
  publish(message: string): Promise<void>
  classify(error: unknown): InfrastructureError
  health(): Promise<Health>
  close(): Promise<void>
}
