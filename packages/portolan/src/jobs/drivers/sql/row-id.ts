/** The number of a row that an application named. No row has the id -1. */
export function rowId(id: string): number {
  return /^\d{1,15}$/.test(id) ? Number(id) : -1
}
