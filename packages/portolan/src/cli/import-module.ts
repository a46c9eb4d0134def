import { pathToFileURL } from 'node:url'
import { UsageError } from './command.ts'

/** What a module of the application exports. */
export async function importModule(file: string): Promise<Readonly<Record<string, unknown>>> {
  const href = pathToFileURL(file).href
  try {
    return await import(href)
  } catch (error) {
    const { code, url } = error as NodeJS.ErrnoException & { url?: string }
    if (code === 'ERR_MODULE_NOT_FOUND' && url === href) throw new UsageError(`There is no module ${file}.`)
    throw error
  }
}
