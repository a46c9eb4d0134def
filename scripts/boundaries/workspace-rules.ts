import type { Rule } from './rule.ts'

/** What holds everywhere. */
export const workspaceRules: readonly Rule[] = [
  {
    name: 'no-cycles',
    because: 'Two files that need each other are one file, or need a third.',
    from: {},
    to: { circular: true },
    planted: [
      {
        'packages/portolan/src/files/a.ts': `import type { B } from './b.ts'\nexport type A = B`,
        'packages/portolan/src/files/b.ts': `import type { A } from './a.ts'\nexport type B = A`,
      },
    ],
  },
  {
    name: 'imports-resolve',
    because: 'An import that leads nowhere is seen by no other rule.',
    from: {},
    to: { couldNotResolve: true },
    planted: [
      { 'packages/portolan/src/files/a.ts': `import type { B } from './nowhere.ts'\nexport type A = B` },
    ],
  },
  {
    name: 'packages-import-each-other-by-name',
    because: 'A package may move its files about; its exports are what others see.',
    from: { path: '^(packages|apps)/([^/]+)/' },
    to: { path: '^(packages|apps)/', pathNot: '^$1/$2/', dependencyTypes: ['local'] },
    planted: [
      {
        'packages/emulators/src/a.ts': `import type { B } from '../../portolan/src/files/b.ts'\nexport type A = B`,
        'packages/portolan/src/files/b.ts': 'export type B = 1',
      },
    ],
  },
]
