import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../program.ts'
import { remove } from './place.ts'

/** A program in Java that Maven downloads. */
export interface JavaProgram {
  /** With its version: jars of the same name are the same. */
  readonly name: string
  /** As Maven writes them: `group:artifact:version`. What they need comes with them. */
  readonly artifacts: readonly string[]
}

const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'

/** The Java that `JAVA_HOME` names, or the first on the path. */
export function findJava(env: NodeJS.ProcessEnv): string | undefined {
  return findProgram(['java'], env, env.JAVA_HOME ? [join(env.JAVA_HOME, 'bin')] : [])
}

/** The folder with the jars of a program, in the user's cache; `undefined`: they were not downloaded yet. */
export function jarsOf({ name }: JavaProgram, env: NodeJS.ProcessEnv): string | undefined {
  const folder = join(cacheOf(env), name)
  return existsSync(folder) ? folder : undefined
}

/**
 * Downloads the jars of a program, once for all the workspaces of a user.
 *
 * @throws Error that says what to install, or what Maven says.
 */
export async function fetchJars(program: JavaProgram, env: NodeJS.ProcessEnv): Promise<void> {
  if (jarsOf(program, env)) return
  const maven = findProgram(['mvn'], env)
  if (maven === undefined) throw new Error(`it takes mvn to download ${program.name}: apt-get install maven`)
  mkdirSync(cacheOf(env), { recursive: true })
  // Beside its final place, to which it is moved when it is complete: whoever looks finds all of it or nothing.
  const work = mkdtempSync(join(cacheOf(env), '.download-'))
  try {
    writeFileSync(join(work, 'pom.xml'), projectOf(program))
    const settings = ['-DincludeScope=runtime', `-DoutputDirectory=${join(work, 'jars')}`]
    await run(maven, ['-B', '-ntp', '-q', '-f', work, goal, ...settings], env)
    // Another process may have been quicker.
    if (!jarsOf(program, env)) renameSync(join(work, 'jars'), join(cacheOf(env), program.name))
  } finally {
    remove(work)
  }
}

function cacheOf(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'portolan', 'jars')
}

function projectOf({ artifacts }: JavaProgram): string {
  const dependencies = artifacts.map(artifact => {
    const [group, name, version] = artifact.split(':')
    return `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`
  })
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>portolan</groupId><artifactId>jars</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>${dependencies.join('')}</dependencies>
</project>`
}

async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (said += text))
  const code = await new Promise<number | null>((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  )
  if (code !== 0) throw new Error(`${program} failed:\n${said.trim().split('\n').slice(0, 15).join('\n')}`)
}
