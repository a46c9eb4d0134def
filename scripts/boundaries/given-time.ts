import ts from 'typescript'
import { type FileCheck, nodesOf } from './finding.ts'

const globals = new Set(['setTimeout', 'setInterval'])
const members = new Set([
  'Date.now',
  'Math.random',
  'performance.now',
  'crypto.randomUUID',
  'AbortSignal.timeout',
  'process.hrtime',
])
const imports: Readonly<Record<string, readonly string[]>> = {
  'node:timers': ['setTimeout', 'setInterval'],
  'node:timers/promises': ['setTimeout', 'setInterval', 'scheduler'],
  'node:perf_hooks': ['performance'],
  'node:crypto': ['randomUUID'],
}
const advice = 'take it from the Clock, Ids or Random that was given (runtime/surroundings.ts)'

/** Library code takes time, ids and randomness from its surroundings: that is what lets a whole application run in simulated time. */
export const givenTime: FileCheck = {
  name: 'time-ids-and-randomness-are-given',
  files: ['packages/portolan/src/**/*.ts'],
  except: [
    'packages/portolan/src/runtime/clock.ts',
    'packages/portolan/src/runtime/identity.ts',
    // Contracts are run by tests, against real engines, in real time.
    'packages/portolan/src/contracts/**',
  ],
  *inspect(source) {
    for (const node of nodesOf(source)) {
      const name = ambient(node)
      if (name) yield { node, says: `${name}: ${advice}` }
    }
  },
  planted: [
    'const a = Date.now()',
    'const b = new Date()',
    'const c = performance.now()',
    'const d = Math.random()',
    'const e = crypto.randomUUID()',
    'const f = globalThis.crypto.randomUUID()',
    'setTimeout(() => {}, 1)',
    'globalThis.setInterval(() => {}, 1)',
    'const later = setTimeout',
    'const now = Date.now',
    `const g = Date['now']()`,
    'const h = AbortSignal.timeout(5)',
    `import { setTimeout as sleep } from 'node:timers/promises'`,
    `import { performance as clock } from 'node:perf_hooks'`,
    `import * as timers from 'node:timers'`,
    `import { randomUUID } from 'node:crypto'`,
  ].join('\n'),
  innocent: [
    '// Date.now() in a comment',
    `const text = 'Date.now()'`,
    'const when = new Date(clock.now())',
    'const timer = clock.setTimeout(5)',
    `import { createHash } from 'node:crypto'`,
    // Lets others have their turn; takes nothing from the clock.
    `import { setImmediate } from 'node:timers'`,
    'interface Options { setTimeout: number }',
  ].join('\n'),
}

/** The name of what `node` takes from the machine, if it does. */
function ambient(node: ts.Node): string | undefined {
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length)
    return 'new Date()'
  if (ts.isImportDeclaration(node)) return imported(node)
  if (ts.isPropertyAccessExpression(node)) return known(`${lastName(node.expression)}.${node.name.text}`)
  if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression)) {
    return known(`${lastName(node.expression)}.${node.argumentExpression.text}`)
  }
  return ts.isIdentifier(node) && globals.has(node.text) && isReference(node) ? node.text : undefined
}

function known(name: string): string | undefined {
  return members.has(name) || (name.startsWith('globalThis.') && globals.has(name.slice(11)))
    ? name
    : undefined
}

const lastName = (node: ts.Expression): string =>
  ts.isPropertyAccessExpression(node) ? node.name.text : node.getText()

/** Whether an identifier stands for a value in scope, rather than for a name of its own. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node
  return (
    ts.isExpression(parent) ||
    ts.isStatement(parent) ||
    (ts.isVariableDeclaration(parent) && parent.initializer === node)
  )
}

function imported(node: ts.ImportDeclaration): string | undefined {
  const from = (node.moduleSpecifier as ts.StringLiteral).text
  const forbidden = imports[from]
  const bindings = node.importClause?.namedBindings
  if (!forbidden || !bindings || node.importClause?.isTypeOnly) return undefined
  if (!ts.isNamedImports(bindings)) return from
  return bindings.elements
    .map(name => (name.propertyName ?? name.name).text)
    .find(name => forbidden.includes(name))
}
