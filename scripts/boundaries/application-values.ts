import ts from 'typescript'
import type { FileCheck } from './finding.ts'

/** What an application layer may use of the library beside types: all pure. */
const allowed = new Set(['defineMessage', 'defineSaga', 'defineJob', 'exponential', 'InfrastructureError'])

/** The application layer defines messages and jobs and knows the error; everything else it is given. */
export const applicationValues: FileCheck = {
  name: 'application-is-given-what-it-uses',
  files: ['apps/*/src/application/**/*.ts'],
  except: [],
  *inspect(source) {
    for (const node of source.statements) {
      if (!isOf(node, 'portolan')) continue
      if (ts.isExportDeclaration(node)) {
        if (!node.isTypeOnly) yield { node, says: 're-exports values of portolan' }
        continue
      }
      if (node.importClause?.isTypeOnly) continue
      const bindings = node.importClause?.namedBindings
      if (!bindings || !ts.isNamedImports(bindings)) {
        yield { node, says: 'imports portolan as a whole; name what is needed' }
        continue
      }
      for (const element of bindings.elements) {
        const name = (element.propertyName ?? element.name).text
        if (element.isTypeOnly || allowed.has(name)) continue
        yield {
          node: element,
          says: `${name} is a value of portolan: let infrastructure/ call it (allowed: ${[...allowed].join(', ')})`,
        }
      }
    }
  },
  planted: [
    `import { compose } from 'portolan'`,
    `import { type Jobs, compose as start } from 'portolan'`,
    `import * as everything from 'portolan'`,
    `export { compose as again } from 'portolan'`,
  ].join('\n'),
  innocent: [
    `import { defineMessage, type Messages } from 'portolan'`,
    `import type { Jobs, compose } from 'portolan'`,
    `import { compose as other } from './compose.ts'`,
  ].join('\n'),
}

function isOf(node: ts.Statement, name: string): node is ts.ImportDeclaration | ts.ExportDeclaration {
  if (!ts.isImportDeclaration(node) && !ts.isExportDeclaration(node)) return false
  const from = node.moduleSpecifier
  return from !== undefined && ts.isStringLiteral(from) && from.text === name
}
