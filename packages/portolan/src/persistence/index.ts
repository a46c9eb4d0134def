export {
  type Amount,
  bigint,
  boolean,
  bytes,
  type Codec,
  day,
  decimal,
  instant,
  json,
  money,
  oneOf,
  uuid,
} from './codecs.ts'
export type { Database, DomainEvent, EventSink } from './database.ts'
export type {
  Column,
  Connection,
  DatabaseCapabilities,
  DatabaseDriver,
  Dialect,
  RowUpdate,
  SqlGrammar,
  SqlStatement,
  TransactionOptions,
} from './driver.ts'
export type { MysqlClient, MysqlPool } from './drivers/mysql/client.ts'
export { type MysqlOptions, mysql } from './drivers/mysql/index.ts'
export type { PgClient, PgPool } from './drivers/postgres/client.ts'
export { type PostgresOptions, postgres } from './drivers/postgres/index.ts'
export type { BetterSqliteHandle, SqliteClient } from './drivers/sqlite/client.ts'
export { type SqliteOptions, sqlite } from './drivers/sqlite/index.ts'
export type { ForeignClient, ForeignTransactions } from './foreign.ts'
export type { ImportedRow, ImportedRows, ImportOptions } from './import-rows.ts'
export { insertIfAbsent } from './insert-if-absent.ts'
export { loadMigrations } from './load-migrations.ts'
export {
  type AuditColumns,
  type Mapping,
  type MappingDefinition,
  mapping,
  type SoftDeleteMapping,
} from './mapping.ts'
export type {
  Migration,
  MigrationDatabase,
  MigrationSet,
  MigrationStep,
  MigrationSteps,
} from './migrations.ts'
export type {
  DownOptions,
  MigrationProgress,
  MigrationReport,
  MigrationRun,
  MigrationState,
  MigrationStatus,
  Migrator,
  MigratorOptions,
  PlannedMigration,
  UpOptions,
} from './migrator.ts'
export { type DatabaseOptions, type NativeOf, openDatabase } from './open-database.ts'
export { type DrizzleLike, drizzleTransactions } from './orms/drizzle.ts'
export { type KnexLike, knexTransactions } from './orms/knex.ts'
export { type MikroOrmLike, mikroOrmTransactions } from './orms/mikro-orm.ts'
export { type PrismaLike, type PrismaStatements, prismaTransactions } from './orms/prisma.ts'
export {
  type TypeormIsolation,
  type TypeormLike,
  type TypeormOptions,
  typeormTransactions,
} from './orms/typeorm.ts'
export {
  type DeletedOptions,
  MappedRepository,
  type Narrow,
  type PageOptions,
  type RepositoryOptions,
} from './repository/mapped-repository.ts'
export { SoftDeletingRepository } from './repository/soft-deleting-repository.ts'
export { SqlRepository } from './repository/sql-repository.ts'
export type { Actor } from './repository/stamps.ts'
export type { NativeSessions } from './server/sessions.ts'
export type { Password, ServerOptions, TlsOptions } from './server/url.ts'
export { SqlDatabase, type SqlDatabaseOptions } from './sql-database.ts'
export type { SqlRow, SqlValue } from './sql-value.ts'
export type { Statements } from './statements.ts'
