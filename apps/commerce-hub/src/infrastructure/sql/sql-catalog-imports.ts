import { type Database, insertIfAbsent } from 'portolan/persistence'
import type { CatalogImports } from '../../application/ports/catalog-imports.ts'

export class SqlCatalogImports implements CatalogImports {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  begin(reference: string, at: Date): Promise<boolean> {
    return insertIfAbsent(this.#database, 'catalog_imports', { reference, begun_at: at.getTime() })
  }
}
