import { globSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the workspace. */
export const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/[\\/]$/, '')

/** The executable of a package that the workspace installed. */
export const bin = (name: string): string => join(root, 'node_modules', '.bin', name)

/** The files that match, relative to `cwd`, in order; never those of installed packages or builds. */
export function filesOf(patterns: string | readonly string[], cwd: string = root): string[] {
  const found = globSync([patterns].flat(), {
    cwd,
    exclude: path => /(^|[\\/])(node_modules|dist)$/.test(path),
  })
  return found.map(path => path.replaceAll('\\', '/')).sort()
}
