/** Remembers which deliveries of the catalogue were taken in. Joins the unit of work in progress. */
export interface CatalogImports {
  /** `false` when it was begun before. */
  begin(reference: string, at: Date): Promise<boolean>
}
