/**
 * The part of `mysql2` that the driver uses, described here so that an application that never opens MySQL needs neither the package
 * nor its types.
 */
export interface MysqlClient {
  /** What the server calls this connection; `KILL` takes it. */
  readonly threadId: number | null
  connect(done: (error: Error | null) => void): void
  /** Prepares the statement once for each connection, and runs it by the binary protocol. */
  execute(statement: MysqlStatement, done: MysqlAnswer): unknown
  /** Runs the text as it is, by the text protocol. */
  query(statement: MysqlStatement, done: MysqlAnswer): unknown
  ping(done: (error: Error | null) => void): unknown
  end(done: () => void): unknown
  /** Ends the socket, whatever runs. */
  destroy(): void
  on(event: 'error' | 'end', listener: () => void): unknown
}

/** A statement and how its values are to be read; what is said here wins over the settings of a connection. */
export interface MysqlStatement {
  readonly sql: string
  /** `null`: none, so that its text is not searched for their places. */
  readonly values?: unknown[] | null
  readonly supportBigNumbers: true
  readonly dateStrings: true
  readonly rowsAsArray: false
  readonly namedPlaceholders?: false
  /** Reads each value of the text protocol, instead of how the connection is set to. */
  readonly typeCast?: (field: MysqlValueField, next: () => unknown) => unknown
}

/** A value that is to be read: once, in one of these ways or by `next`. */
export interface MysqlValueField {
  /** As in `LONGLONG`. */
  readonly type: string
  string(encoding?: string): string | null
  buffer(): Uint8Array | null
}

export type MysqlAnswer = (error: Error | null, result: unknown, fields: unknown) => void

/** What a statement without rows is answered with. */
export interface MysqlOutcome {
  /** Matched rows, as `FOUND_ROWS` is set; an upsert that changed a row counts two. */
  readonly affectedRows: number
  /** As in `Records: 3  Duplicates: 1  Warnings: 0`, after statements over several rows. */
  readonly info: string
  /** https://mariadb.com/kb/en/ok_packet/#server-status-flag */
  readonly serverStatus: number
}

export interface MysqlField {
  /** https://mariadb.com/kb/en/result-set-packets/#field-types */
  readonly columnType: number
  /** 63 is binary. */
  readonly characterSet: number
  /** `json` on MariaDB, whose JSON is text with a note. */
  readonly extendedFormat?: string
  readonly name: string
}

/** A pool of `mysql2` or `mysql2/promise`, for `mysql({ pool })`. */
export type MysqlPool = CallbackPool | { readonly pool: CallbackPool }

export interface CallbackPool {
  getConnection(done: (error: Error | null, client: PooledMysqlClient) => void): void
}

export interface PooledMysqlClient extends MysqlClient {
  release(): void
}

/** What is used of the package itself. */
export interface MysqlModule {
  createConnection(options: object): MysqlClient
  /** Parameters of a given type; numbers alone would travel as floating point, which `LIMIT` and large keys do not take. */
  readonly TypedParameter: { LONGLONG(value: number | bigint): unknown }
  readonly Pool: abstract new (...rest: never[]) => object
}
