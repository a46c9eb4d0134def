/**
 * `npm run boundaries`: holds the imports of the workspace to the dependency rule, and the library to the time, ids and
 * randomness that it was given. First it proves, on planted violations, that it would see one.
 */
import { readFileSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import { applicationRules } from './boundaries/application-rules.ts'
import { applicationValues } from './boundaries/application-values.ts'
import { look } from './boundaries/cruise.ts'
import { type FileCheck, findings, unproven } from './boundaries/finding.ts'
import { givenTime } from './boundaries/given-time.ts'
import { libraryRules } from './boundaries/library-rules.ts'
import { unreported } from './boundaries/planted.ts'
import { workspaceRules } from './boundaries/workspace-rules.ts'
import { count } from './lib/terminal.ts'
import { filesOf, root } from './lib/workspace.ts'

const rules = [...workspaceRules, ...libraryRules, ...applicationRules]
const checks = [givenTime, applicationValues]

const objections = [...(await unreported(rules)), ...checks.flatMap(unproven)]
const planted = rules.flatMap(rule => rule.planted).length

const folders = filesOf(['packages/*/src', 'apps/*/src'])
const onDisk = filesOf(folders.map(folder => `${folder}/**/*.ts`)).length
const { modules, violations } = await look(root, folders, rules)
if (modules < onDisk) objections.push(`dependency-cruiser saw ${modules} of the ${onDisk} modules on disk`)
for (const { rule, from, to, cycle } of violations) {
  const path = cycle ? cycle.map(({ name }) => name).join(' → ') : to
  const { because } = rules.find(({ name }) => name === rule.name)!
  objections.push(`${rule.name}: ${from} → ${path}\n    ${because}`)
}
for (const check of checks) {
  for (const path of filesChecked(check)) {
    const found = findings(check, path, readFileSync(join(root, path), 'utf8'))
    objections.push(...found.map(({ at, says }) => `${check.name}: ${at}\n    ${says}`))
  }
}

for (const objection of objections) console.error(`✗ ${objection}`)
const looked = `${count(modules, 'module')}, ${count(rules.length + checks.length, 'rule')}, ${count(planted, 'planted import')} reported`
console.log(
  objections.length === 0
    ? `Boundaries hold: ${looked}.`
    : `${count(objections.length, 'objection')} (${looked}).`,
)
process.exitCode = objections.length === 0 ? 0 : 1

function filesChecked({ files, except }: FileCheck): string[] {
  return filesOf(files).filter(path => !except.some(pattern => matchesGlob(path, pattern)))
}
