import type { Dialect } from '../driver.ts'
import type { Migration, MigrationStep, MigrationSteps } from '../migrations.ts'
import { byName } from '../migrator/engine-migration.ts'
import { badFile, engines, type MigrationFile } from './migration-file.ts'

interface Loaded {
  readonly file: MigrationFile
  readonly migration: Migration
}

/** One migration a name, ordered: files for single engines become the steps of one. */
export function mergedByName(loaded: readonly Loaded[]): Migration[] {
  return [...Map.groupBy(loaded, ({ file }) => file.name)]
    .map(([name, files]) => (files.some(({ file }) => file.dialect) ? merged(name, files) : single(files)))
    .sort(byName)
}

function single(files: readonly Loaded[]): Migration {
  const [first, second] = files
  if (second) throw twice(first!, second)
  return first!.migration
}

function merged(name: string, files: readonly Loaded[]): Migration {
  const byEngine = new Map<Dialect | undefined, Loaded>()
  for (const one of files) {
    const other = byEngine.get(one.file.dialect)
    if (other) throw twice(other, one)
    byEngine.set(one.file.dialect, one)
    // Its checksum and its transaction are those of the whole migration.
    if (one.file.code)
      throw badFile(
        one.file,
        `is code for one engine. Export an \`up\` with a step for each engine instead, from ${name}.ts.`,
      )
  }
  const pick = (part: 'up' | 'down'): MigrationSteps => {
    const steps: { [D in Dialect]?: MigrationStep } = {}
    for (const engine of engines) {
      const step = (byEngine.get(engine) ?? byEngine.get(undefined))?.migration[part]
      if (typeof step === 'string') steps[engine] = step
    }
    return steps
  }
  const down = pick('down')
  return { name, up: pick('up'), ...(Object.keys(down).length > 0 ? { down } : {}) }
}

function twice(one: Loaded, other: Loaded) {
  return badFile(other.file, `has the same name as ${one.file.file}. Rename the later one.`)
}
