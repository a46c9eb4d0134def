import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { InfrastructureError } from '../ports/errors.ts'

/** What the nearest package.json says of `name` under `"portolan"`, and the folder that its paths start from. */
export async function packageField(
  name: string,
  directory: string,
): Promise<{ readonly value: unknown; readonly folder: string } | undefined> {
  for (let here = resolve(directory); ; here = dirname(here)) {
    const value = fieldOf(await readIfThere(join(here, 'package.json')), here, name)
    if (value !== undefined) return { value, folder: here }
    if (dirname(here) === here) return undefined
  }
}

function fieldOf(text: string | undefined, directory: string, name: string): unknown {
  if (text === undefined) return undefined
  try {
    const { portolan } = JSON.parse(text) as { portolan?: Readonly<Record<string, unknown>> | null }
    return typeof portolan === 'object' ? portolan?.[name] : undefined
  } catch (cause) {
    throw new InfrastructureError('invalid_argument', `${join(directory, 'package.json')} is no JSON.`, {
      cause,
    })
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
