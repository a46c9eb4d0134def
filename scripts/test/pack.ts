import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../lib/command.ts'
import { bin, root } from '../lib/workspace.ts'
import type { Outcome, Stage } from './stage.ts'

const programs = join(root, 'scripts/test/pack')

/** Builds and packs the library as npm would publish it, checks the tarball, and uses it in an empty project. */
export const pack: Stage = {
  name: 'pack',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'portolan-pack-'))
    try {
      return await packed(folder)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

async function packed(folder: string): Promise<Outcome> {
  const tarball = join(folder, `portolan-${versionOf('packages/portolan')}.tgz`)
  const project = join(folder, 'project')
  writeProject(project)
  const steps: [name: string, command: string, args: string[], cwd: string][] = [
    ['npm pack', 'npm', ['pack', '--workspace', 'packages/portolan', '--pack-destination', folder], root],
    ['publint', bin('publint'), ['run', tarball, '--strict'], root],
    ['attw', bin('attw'), [tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji'], root],
    ['npm install', 'npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], project],
    ['tsc', bin('tsc'), ['--pretty', 'false', '-p', 'tsconfig.json'], project],
    [
      'tsc without skipLibCheck',
      bin('tsc'),
      ['--pretty', 'false', '-p', 'tsconfig.json', '--skipLibCheck', 'false'],
      project,
    ],
    ['program.ts', process.execPath, ['program.ts'], project],
    ['program.js', process.execPath, ['program.js'], project],
  ]
  for (const [name, command, args, cwd] of steps) {
    const { code, output } = await run(command, args, { cwd, env: clean(process.env) })
    if (code !== 0) return { ok: false, summary: `${name} failed`, details: output.trim() }
  }
  return { ok: true, summary: 'packed, checked, installed, used from TypeScript and JavaScript' }
}

/** An empty project with nothing of the workspace in it, but for the versions that its lock file names. */
function writeProject(folder: string): void {
  mkdirSync(folder)
  const manifest = {
    name: 'uses-portolan',
    private: true,
    type: 'module',
    dependencies: { zod: installed('zod') },
    devDependencies: { '@types/node': installed('@types/node') },
  }
  const tsconfig = {
    compilerOptions: {
      target: 'es2024',
      lib: ['es2024', 'esnext.disposable'],
      module: 'nodenext',
      types: ['node'],
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      erasableSyntaxOnly: true,
      verbatimModuleSyntax: true,
      skipLibCheck: true,
      noEmit: true,
    },
    files: ['program.ts', 'entries.ts'],
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
  writeFileSync(join(folder, 'entries.ts'), entries())
  for (const program of ['program.ts', 'program.js'])
    copyFileSync(join(programs, program), join(folder, program))
}

/** A module that names every entry point, so that the declarations of all are checked; those of REST are Fastify's, too. */
function entries(): string {
  const { exports } = JSON.parse(readFileSync(join(root, 'packages/portolan/package.json'), 'utf8'))
  return Object.keys(exports)
    .filter(entry => !['./package.json', './rest'].includes(entry))
    .map((entry, index) => `export * as entry${index} from '${entry.replace('.', 'portolan')}'\n`)
    .join('')
}

const versionOf = (folder: string): string =>
  JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')).version

const installed = (name: string): string => versionOf(`node_modules/${name}`)

/** The environment without what `npm test` itself set: npm would take it for options of the project's. */
const clean = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^npm_(config_local_prefix|config_prefix|package_|lifecycle_)/i.test(name),
    ),
  )
