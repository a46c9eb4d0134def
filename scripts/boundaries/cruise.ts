import { createRequire, registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { ICruiseResult, IForbiddenRuleType, IViolation } from 'dependency-cruiser'
import type { Rule } from './rule.ts'

// dependency-cruiser parses with the `typescript` that it finds, knows none of version 7, and says nothing when it finds no
// other: it then sees no imports and reports no violations. The one that this workspace folder depends on is older.
const require = createRequire(import.meta.url)
registerHooks({
  resolve: (specifier, context, next) =>
    /^typescript(\/|$)/.test(specifier) && context.parentURL?.includes('/dependency-cruiser/')
      ? { url: pathToFileURL(require.resolve(specifier)).href, shortCircuit: true }
      : next(specifier, context),
})

const { cruise } = await import('dependency-cruiser')

export interface Seen {
  /** The TypeScript and JavaScript files of the tree itself. */
  readonly modules: number
  readonly violations: readonly IViolation[]
}

/** Follows every import, type-only ones included, from the files of `folders` and holds them to the rules. */
export async function look(
  baseDir: string,
  folders: readonly string[],
  rules: readonly Rule[],
): Promise<Seen> {
  const { output } = await cruise([...folders], {
    baseDir,
    ruleSet: { forbidden: rules.map(forbidden) },
    validate: true,
    tsPreCompilationDeps: true,
    doNotFollow: { path: '(^|/)node_modules/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default'],
    },
  })
  const { modules, summary } = output as ICruiseResult
  return {
    modules: modules.filter(({ source }) => folders.some(folder => source.startsWith(`${folder}/`))).length,
    violations: summary.violations,
  }
}

const forbidden = ({ name, because, from, to }: Rule) =>
  ({ name, comment: because, severity: 'error', from, to }) as IForbiddenRuleType
