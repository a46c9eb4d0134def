import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'

/** The installed versions of npm packages. */
export function versionsOf(packages: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    packages.map(name => {
      const manifest = findPackageJSON(name, import.meta.url)
      if (!manifest) throw new Error(`${name} is not installed: npm install --workspace benchmarks ${name}`)
      return [name, String(JSON.parse(readFileSync(manifest, 'utf8')).version)]
    }),
  )
}
