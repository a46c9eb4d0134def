import { InfrastructureError } from '../../ports/errors.ts'
import type { Dialect } from '../driver.ts'

/** What the name of a file tells. */
export interface MigrationFile {
  /** As in its folder: `0003-search.postgres.sql`. */
  readonly file: string
  readonly folder: string
  /** `0003-search`. */
  readonly name: string
  /** Absent: for every engine that has no file of its own. */
  readonly dialect: Dialect | undefined
  /** A module, not SQL. */
  readonly code: boolean
}

export const engines: readonly Dialect[] = ['sqlite', 'postgres', 'mysql']

/** Declarations are what a build leaves beside its code. */
export function isMigrationFile(file: string): boolean {
  return /\.(?:sql|[mc]?[jt]s)$/.test(file) && !/\.d\.[mc]?ts$/.test(file)
}

export function migrationFile(folder: string, file: string): MigrationFile {
  const [, stem = '', extension = ''] = /^(.*)\.(\w+)$/.exec(file) ?? []
  if (extension.startsWith('c')) {
    throw badFile({ folder, file }, `is of CommonJS. Write an ES module: ${stem}.${extension.slice(1)}.`)
  }
  const code = extension !== 'sql'
  const [, name = '', last = ''] = /^(.+)\.([A-Za-z]+)$/.exec(stem) ?? []
  if (last === '') return { file, folder, name: stem, dialect: undefined, code }
  const dialect = engines.find(engine => engine === last)
  if (dialect) return { file, folder, name, dialect, code }
  throw badFile(
    { folder, file },
    last === 'up' || last === 'down'
      ? `holds one direction. Write both into ${name}.${extension}${code ? '' : ", with a line '-- down' between them"}.`
      : `names the engine '${last}', which there is none of. Use ${engines.join(', ')}, or no dot: ${name}-${last}.${extension}.`,
  )
}

/** `says` goes on after the name of the file. */
export function badFile(
  { folder, file }: Pick<MigrationFile, 'folder' | 'file'>,
  says: string,
  cause?: unknown,
): InfrastructureError {
  return new InfrastructureError('invalid_argument', `The migration ${file} in '${folder}' ${says}`, {
    cause,
    details: { file },
  })
}
