/**
 * The part of `pg` that the driver uses, described here so that an application that never opens PostgreSQL needs neither the package
 * nor its types.
 */
export interface PgClient {
  connect(): Promise<unknown>
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
  /** Rows as the values of their columns; default: as objects. */
  readonly rowMode?: 'array' | undefined
}

export interface PgTypes {
  // biome-ignore lint/suspicious/noExplicitAny: as `pg` declares it
  getTypeParser(oid: number, format?: any): any
}

export interface PgResult {
  readonly rows: unknown[]
  readonly fields: readonly { readonly name: string }[]
  readonly rowCount: number | null
  readonly command: string
}

/** A pool of `pg`, for `postgres({ pool })`. */
export interface PgPool {
  connect(): Promise<PgClient & { release(destroy?: boolean): void }>
}
