import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The first of the programs `names` in `folders` and then on the path. */
export function findProgram(
  names: readonly string[],
  env: NodeJS.ProcessEnv,
  folders: readonly string[] = [],
): string | undefined {
  const path = (env.PATH ?? '').split(delimiter).filter(folder => folder !== '')
  return [...folders, ...path].flatMap(folder => names.map(name => join(folder, name))).find(isExecutable)
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
