/** Where an engine was found, in the order in which it is looked for. */
export type Where = 'environment' | 'started' | 'port' | 'installed'

/** A real engine that some tests need, and where it is on this machine. */
export interface Engine {
  readonly name: string
  /** What to show of where it is, without a password: an address or a path. `undefined` when it cannot be used as things are. */
  readonly at: string | undefined
  /**
   * `environment`: the environment names it. `started`: `npm run engines -- up` started it. `port`: it answers on its standard
   * port. `installed`: there is a program, which for a server means that it must be started first.
   */
  readonly where?: Where
  /** Of a server that answers, with whatever it takes to get in. */
  readonly url?: string
  readonly version?: string
  /** What is wrong with it, when it is there and cannot be used. */
  readonly problem?: string
  /** How to get it. */
  readonly hint: string
}
