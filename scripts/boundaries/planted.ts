import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { look } from './cruise.ts'
import type { Rule, Tree } from './rule.ts'

/** A workspace in small: two packages with manifests, and the npm packages that planted files import. */
const surroundings: Tree = {
  'package.json': '{ "dependencies": { "portolan": "1.0.0", "zod": "1.0.0" } }',
  'packages/portolan/package.json': JSON.stringify({
    name: 'portolan',
    exports: { '.': { source: './src/index.ts' }, './*': { source: './src/*/index.ts' } },
    dependencies: { kysely: '1.0.0', '@standard-schema/spec': '1.0.0' },
    devDependencies: { pino: '1.0.0' },
  }),
  'packages/emulators/package.json': '{ "name": "emulators" }',
  'apps/commerce-hub/package.json':
    '{ "name": "hub", "dependencies": { "portolan": "1.0.0", "kysely": "1.0.0", "zod": "1.0.0" } }',
  ...Object.fromEntries(
    ['kysely', 'pino', 'zod', '@standard-schema/spec'].flatMap(name => [
      [`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' })],
      [`node_modules/${name}/index.js`, ''],
    ]),
  ),
}

/** Plants every violation in a tree of its own; returns what the rules failed to report. */
export async function unreported(rules: readonly Rule[]): Promise<string[]> {
  const missed: string[] = []
  for (const rule of rules) {
    if (rule.planted.length === 0) missed.push(`${rule.name}: nothing is planted for it`)
    for (const [index, tree] of rule.planted.entries()) {
      const reported = await rulesBroken(tree, rules)
      if (!reported.includes(rule.name)) {
        const others = reported.length === 0 ? 'nothing' : reported.join(', ')
        missed.push(`${rule.name}: planted violation ${index + 1} was not reported (${others} was)`)
      }
    }
  }
  return missed
}

async function rulesBroken(tree: Tree, rules: readonly Rule[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-boundaries-'))
  try {
    for (const [path, text] of Object.entries({ ...surroundings, ...tree })) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), `${text}\n`)
    }
    symlinkSync(join(folder, 'packages/portolan'), join(folder, 'node_modules/portolan'), 'junction')
    const folders = ['packages', 'apps'].filter(name =>
      Object.keys(tree).some(path => path.startsWith(`${name}/`)),
    )
    const { violations } = await look(folder, folders, rules)
    return [...new Set(violations.map(({ rule }) => rule.name))]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
