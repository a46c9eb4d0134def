import { InfrastructureError } from '../ports/errors.ts'
import type { Surroundings } from '../runtime/surroundings.ts'
import { localFiles } from './drivers/local/index.ts'
import { memoryFiles } from './drivers/memory.ts'
import type { FileStore } from './files.ts'

/**
 * Opens the file storage that a URL names: `file:./files` (relative to the working directory), `file:/var/lib/shop`, each with
 * `?durability=process` if wanted; `memory:`.
 *
 * @throws InfrastructureError `invalid_argument` for a URL that is not understood; `permission_denied` for a folder that cannot be used.
 * @example
 * const files = await openFiles('file:./files')
 */
export async function openFiles(url: string, around: Partial<Surroundings> = {}): Promise<FileStore> {
  const files = storeOf(url, around)
  await files.start()
  return files
}

function storeOf(url: string, around: Partial<Surroundings>): FileStore {
  const [address = '', search = ''] = url.split('?', 2)
  const colon = address.indexOf(':')
  const scheme = address.slice(0, colon + 1)
  const place = address.slice(colon + 1)
  const parameters = new URLSearchParams(search)
  switch (scheme) {
    case 'memory:':
      requireKnown(parameters, [])
      return memoryFiles(around)
    case 'file:': {
      requireKnown(parameters, ['durability'])
      const durability = parameters.get('durability') ?? 'full'
      if (durability !== 'full' && durability !== 'process') {
        throw invalid(`durability=${durability}: it is 'full' or 'process'.`)
      }
      return localFiles({ ...around, root: rootOf(place), durability })
    }
    default:
      throw invalid(`'${scheme || url.slice(0, 20)}' is no file storage. Use 'file:./files' or 'memory:'.`)
  }
}

/** `./files`, `/var/lib`, and `///var/lib` as `file:` URLs have it; with percent escapes undone. */
function rootOf(place: string): string {
  const path = place.startsWith('//') ? place.slice(2) : place
  if (path === '' || (place.startsWith('//') && !path.startsWith('/'))) {
    throw invalid(
      `'file:${place}' names no folder of this machine. Write 'file:./files' or 'file:/var/lib/shop'.`,
    )
  }
  try {
    return decodeURIComponent(path)
  } catch {
    throw invalid(`'file:${place}' is not validly encoded: write a '%' as '%25'.`)
  }
}

function requireKnown(parameters: URLSearchParams, known: readonly string[]): void {
  for (const name of parameters.keys()) {
    if (known.includes(name)) continue
    const allowed = known.length > 0 ? `Known: ${known.join(', ')}.` : 'There are none.'
    throw invalid(`The file storage knows no parameter '${name}'. ${allowed}`)
  }
}

function invalid(message: string): InfrastructureError {
  return new InfrastructureError('invalid_argument', message)
}
