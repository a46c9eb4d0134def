import { builtinModules } from 'node:module'
import type { Rule } from './rule.ts'

const src = 'packages/portolan/src'
const inside = (...folders: string[]) => `^${src}/(${folders.join('|')})/`
const npm = (name: string) => `(^|/)node_modules/${name}/`
const builtin = `^(node:.+|${builtinModules.filter(name => !name.startsWith('_')).join('|')})$`

/** What a capability builds on, beside the ports and the runtime. */
const buildsOn: Readonly<Record<string, readonly string[]>> = {
  messaging: ['persistence', 'redis'],
  jobs: ['persistence', 'redis'],
  cache: ['locks', 'persistence', 'redis'],
  locks: ['persistence', 'redis'],
  limits: ['persistence', 'redis'],
  services: ['network'],
}

/** Folders with a rule of their own. */
const special = ['ports', 'runtime', 'contracts', 'cli', ...Object.keys(buildsOn)]

export const libraryRules: readonly Rule[] = [
  {
    name: 'ports-import-nothing',
    because: 'An application depends on the ports, so they depend on nothing.',
    from: { path: inside('ports') },
    to: { pathNot: [inside('ports'), npm('@standard-schema/spec')] },
    planted: [
      {
        [`${src}/ports/a.ts`]: `import type { B } from '../runtime/b.ts'\nexport type A = B`,
        [`${src}/runtime/b.ts`]: 'export type B = 1',
      },
      { [`${src}/ports/a.ts`]: `import type { Readable } from 'node:stream'\nexport type A = Readable` },
      { [`${src}/ports/a.ts`]: `import type { Kysely } from 'kysely'\nexport type A = Kysely` },
    ],
  },
  {
    name: 'ports-take-only-types',
    because: 'The ports know Standard Schema as a type.',
    from: { path: inside('ports') },
    to: { path: npm('@standard-schema/spec'), dependencyTypesNot: ['type-only'] },
    planted: [{ [`${src}/ports/a.ts`]: `import { x } from '@standard-schema/spec'\nexport const a = x` }],
  },
  {
    name: 'runtime-imports-only-ports',
    because: 'Every capability stands on the runtime, so it stands on none.',
    from: { path: inside('runtime') },
    to: { pathNot: [inside('ports', 'runtime'), npm('@opentelemetry/api'), npm('@standard-schema/spec')] },
    planted: [
      {
        [`${src}/runtime/a.ts`]: `import type { B } from '../jobs/b.ts'\nexport type A = B`,
        [`${src}/jobs/b.ts`]: 'export type B = 1',
      },
      { [`${src}/runtime/a.ts`]: `import { readFile } from 'node:fs'\nexport const a = readFile` },
    ],
  },
  {
    name: 'capability-builds-on-ports-and-runtime',
    because: 'A capability can be used, read and replaced without the others.',
    from: { path: `^${src}/([^/]+)/`, pathNot: inside(...special) },
    to: { path: `^${src}/`, pathNot: [inside('ports', 'runtime'), `^${src}/$1/`] },
    planted: [
      {
        [`${src}/rest/a.ts`]: `import type { B } from '../persistence/b.ts'\nexport type A = B`,
        [`${src}/persistence/b.ts`]: 'export type B = 1',
      },
      { [`${src}/files/a.ts`]: `export { b } from '../index.ts'`, [`${src}/index.ts`]: 'export const b = 1' },
    ],
  },
  ...Object.entries(buildsOn).map(
    ([capability, others]): Rule => ({
      name: `${capability}-builds-on-${others.join('-and-')}`,
      because: `Besides the ports and the runtime, ${capability} may use ${others.join(', ')} and nothing else.`,
      from: { path: inside(capability) },
      to: { path: `^${src}/`, pathNot: inside('ports', 'runtime', capability, ...others) },
      planted: [
        {
          [`${src}/${capability}/a.ts`]: `import type { B } from '../files/b.ts'\nexport type A = B`,
          [`${src}/files/b.ts`]: 'export type B = 1',
        },
      ],
    }),
  ),
  {
    name: 'drivers-stay-inside',
    because: 'Behaviour above a driver is written once, in its own capability.',
    from: { path: `^${src}/([^/]+)/`, pathNot: inside('cli') },
    to: { path: `^${src}/[^/]+/drivers/`, pathNot: `^${src}/$1/` },
    planted: [
      {
        [`${src}/messaging/a.ts`]: `import type { B } from '../persistence/drivers/b.ts'\nexport type A = B`,
        [`${src}/persistence/drivers/b.ts`]: 'export type B = 1',
      },
      {
        [`${src}/contracts/a.ts`]: `import type { B } from '../files/drivers/b.ts'\nexport type A = B`,
        [`${src}/files/drivers/b.ts`]: 'export type B = 1',
      },
    ],
  },
  {
    name: 'node-modules-only-at-the-edge',
    because: 'What does not need Node runs in a browser, too.',
    // Contracts are run by tests, against real engines.
    from: {
      path: `^${src}/`,
      pathNot: [inside('persistence', 'rest', 'cli', 'config', 'contracts'), '/drivers/'],
    },
    // The transaction and the message in hand travel with the asynchronous context.
    to: { dependencyTypes: ['core'], pathNot: '^(node:)?async_hooks$' },
    planted: [{ [`${src}/network/a.ts`]: `import type { Socket } from 'node:net'\nexport type A = Socket` }],
  },
  {
    name: 'root-is-pure',
    because: 'Importing portolan loads no engine and nothing of Node, also not by a detour.',
    from: { path: `^${src}/index\\.ts$` },
    to: { path: builtin, reachable: true },
    planted: [
      {
        [`${src}/index.ts`]: `export { a } from './persistence/a.ts'`,
        [`${src}/persistence/a.ts`]: `export { b as a } from './b.ts'`,
        [`${src}/persistence/b.ts`]: `import { readFile } from 'node:fs'\nexport const b = readFile`,
      },
    ],
  },
  {
    name: 'clients-are-injected-or-loaded-lazily',
    because: 'Whoever installs portolan has its dependencies and no client of any engine.',
    from: { path: `^${src}/` },
    to: {
      dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
      dependencyTypesNot: ['type-only', 'dynamic-import'],
    },
    planted: [
      { [`${src}/observability/drivers/a.ts`]: `import { pino } from 'pino'\nexport const a = pino` },
    ],
  },
]
