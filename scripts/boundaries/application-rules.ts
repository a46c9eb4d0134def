import type { Rule } from './rule.ts'

const app = 'apps/commerce-hub/src'
const lib = 'packages/portolan/src'
const root = `^${lib}/index\\.ts$`
/** The schemas of messages and jobs are part of the application; the library that writes them has no effects. */
const schemas = '(^|/)node_modules/zod/'

export const applicationRules: readonly Rule[] = [
  {
    name: 'domain-imports-nothing',
    because: 'The domain is the business and nothing else; types of the ports are all that it may name.',
    from: { path: '^apps/([^/]+)/src/domain/' },
    to: { pathNot: ['^apps/$1/src/domain/', root] },
    planted: [
      {
        [`${app}/domain/a.ts`]: `import type { B } from '../application/b.ts'\nexport type A = B`,
        [`${app}/application/b.ts`]: 'export type B = 1',
      },
      {
        [`${app}/domain/a.ts`]: `import type { B } from 'portolan/jobs'\nexport type A = B`,
        [`${lib}/jobs/index.ts`]: 'export type B = 1',
      },
      { [`${app}/domain/a.ts`]: `import { z } from 'zod'\nexport const a = z` },
      { [`${app}/domain/a.ts`]: `import { createHash } from 'node:crypto'\nexport const a = createHash` },
    ],
  },
  {
    name: 'domain-takes-only-types',
    because: 'The domain runs without portolan.',
    from: { path: '^apps/[^/]+/src/domain/' },
    to: { path: root, dependencyTypesNot: ['type-only'] },
    planted: [
      {
        [`${app}/domain/a.ts`]: `import { b } from 'portolan'\nexport const a = b`,
        [`${lib}/index.ts`]: 'export const b = 1',
      },
    ],
  },
  {
    name: 'application-imports-domain-and-ports',
    because: 'Use cases know the ports, never what is behind them.',
    from: { path: '^apps/([^/]+)/src/application/' },
    to: { pathNot: ['^apps/$1/src/(application|domain)/', root, schemas] },
    planted: [
      {
        [`${app}/application/a.ts`]: `import type { B } from '../infrastructure/b.ts'\nexport type A = B`,
        [`${app}/infrastructure/b.ts`]: 'export type B = 1',
      },
      {
        [`${app}/application/a.ts`]: `import type { B } from 'portolan/jobs'\nexport type A = B`,
        [`${lib}/jobs/index.ts`]: 'export type B = 1',
      },
      { [`${app}/application/a.ts`]: `import type { Kysely } from 'kysely'\nexport type A = Kysely` },
      {
        [`${app}/application/a.ts`]: `import { createHash } from 'node:crypto'\nexport const a = createHash`,
      },
    ],
  },
  {
    name: 'presentation-knows-no-infrastructure',
    because: 'What is shown does not depend on where it is kept.',
    from: { path: '^apps/([^/]+)/src/presentation/' },
    to: { path: '^apps/$1/src/', pathNot: '^apps/$1/src/(presentation|application|domain)/' },
    planted: [
      {
        [`${app}/presentation/a.ts`]: `import type { B } from '../infrastructure/b.ts'\nexport type A = B`,
        [`${app}/infrastructure/b.ts`]: 'export type B = 1',
      },
    ],
  },
  {
    name: 'presentation-speaks-http',
    because:
      'Of the library, presentation needs the REST adapter and the formats of the services that call it.',
    from: { path: '^apps/[^/]+/src/presentation/' },
    to: { path: `^${lib}/`, pathNot: [root, `^${lib}/(rest|services)/`] },
    planted: [
      {
        [`${app}/presentation/a.ts`]: `import type { B } from 'portolan/persistence'\nexport type A = B`,
        [`${lib}/persistence/index.ts`]: 'export type B = 1',
      },
    ],
  },
  {
    name: 'only-infrastructure-names-engines',
    because: 'Changing an engine changes one folder.',
    // The replay is a program of its own, a client of the shop's webhook.
    from: {
      path: '^apps/[^/]+/src/',
      pathNot: '^apps/[^/]+/src/(infrastructure|presentation|domain|application|replay)/',
    },
    to: { path: `^${lib}/`, pathNot: [root, `^${lib}/(runtime|config)/`] },
    planted: [
      {
        [`${app}/main.ts`]: `import { b } from 'portolan/persistence'\nexport const a = b`,
        [`${lib}/persistence/index.ts`]: 'export const b = 1',
      },
    ],
  },
]
