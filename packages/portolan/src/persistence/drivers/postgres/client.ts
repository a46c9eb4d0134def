/**
 * The part of `pg` that the driver uses, described here so that an application that never opens PostgreSQL needs neither the package
 * nor its types.
 */
export interface PgClient {
  connect(): Promise<unknown>
  /** What is a `PgQuery` already is sent as it is, and told of its answer itself. */
  query(statement: PgStatement): Promise<PgResult>
  end(): Promise<void>
  on(event: 'error' | 'end', listener: (error?: unknown) => void): unknown
  on(event: 'notification', listener: (message: { readonly payload?: string | undefined }) => void): unknown
}

export interface PgStatement {
  readonly text: string
  /** Prepared under this name once for each connection. */
  readonly name?: string | undefined
  readonly values?: unknown[]
  /** `extended`: one statement, never a script. */
  readonly queryMode?: 'extended'
  readonly types?: PgTypes
}

/** What a client sends, and hands the messages of the answer to. */
export interface PgQuery extends PgStatement {
  /** Whether the connection has the statement of this name, or has been sent it. */
  hasBeenParsed(connection: PgConnection): boolean
  /** Writes what asks for an answer. */
  prepare(connection: PgConnection): void
}

/** The class that a client makes its queries of: the only one whose queries it sends without waiting for the one before. */
export type PgQueryClass = new (text: string) => PgQuery

/** Writes messages of the protocol. */
export interface PgConnection {
  bind(message: { readonly statement: string; readonly values: unknown[] }): void
  execute(): void
  sync(): void
}

export interface PgField {
  readonly name: string
  readonly dataTypeID: number
}

export interface PgTypes {
  // biome-ignore lint/suspicious/noExplicitAny: as `pg` declares it
  getTypeParser(oid: number, format?: any): any
}

export interface PgResult {
  readonly rows: unknown[]
  readonly rowCount: number | null
  readonly command: string
}

/** A pool of `pg`, for `postgres({ pool })`. */
export interface PgPool {
  connect(): Promise<PgClient & { release(destroy?: boolean): void }>
}
