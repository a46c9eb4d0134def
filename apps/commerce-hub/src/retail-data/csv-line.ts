/**
 * The fields of one line of CSV (RFC 4180), or `undefined` when its quotes do not balance. A line stands for itself: in this
 * format no field goes on in the next one, so that one broken line can never swallow those after it.
 */
export function csvFields(line: string): string[] | undefined {
  if (!line.includes('"')) return line.split(',')
  const fields: string[] = []
  let at = 0
  for (;;) {
    let field: string
    if (line[at] === '"') {
      let end = at + 1
      for (;;) {
        end = line.indexOf('"', end)
        if (end === -1) return undefined
        if (line[end + 1] !== '"') break
        end += 2
      }
      field = line.slice(at + 1, end).replaceAll('""', '"')
      at = end + 1
      if (at < line.length && line[at] !== ',') return undefined
    } else {
      const comma = line.indexOf(',', at)
      const end = comma === -1 ? line.length : comma
      field = line.slice(at, end)
      if (field.includes('"')) return undefined
      at = end
    }
    fields.push(field)
    if (at >= line.length) return fields
    at += 1
  }
}
