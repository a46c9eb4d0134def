import type { InfrastructureError } from '../ports/errors.ts'
import type { Core } from './core.ts'
import type { Change, Newsreader } from './news.ts'
import { Scope } from './scope.ts'

/** The namespaces that are in use, by their paths. */
export class Scopes implements Newsreader {
  readonly #core: Core
  readonly #byPath = new Map<string, Scope>()

  constructor(core: Core) {
    this.#core = core
  }

  at(path: string): Scope {
    const known = this.#byPath.get(path)
    if (known) return known
    const scope = new Scope(path, this.#core, inside => this.at(inside))
    this.#byPath.set(path, scope)
    return scope
  }

  wipe(path: string): void {
    for (const scope of this.#byPath.values())
      if (path === '' || scope.path === path || scope.path.startsWith(`${path}/`)) scope.wipe()
  }

  cancel(error: InfrastructureError): void {
    for (const scope of this.#byPath.values()) scope.cancel(error)
  }

  changed([path, what, name]: Change): void {
    const scope = this.#byPath.get(path)
    if (what === 'all') this.wipe(path)
    else if (what === 'key') scope?.drop(name)
    else scope?.changes.mark(name)
  }

  /** What may have been changed is asked for again before it is given; where there is nobody to ask, it is loaded again. */
  missed(): void {
    if (!this.#core.shared) this.wipe('')
    else for (const scope of this.#byPath.values()) scope.changes.doubt()
  }
}
