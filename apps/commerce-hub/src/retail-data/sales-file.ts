import { csvFields } from './csv-line.ts'
import { columns, type MalformedLine, type SalesLine, salesLine } from './sales-line.ts'
import { textLines } from './text-lines.ts'

/** The file cannot be used at all. The message says why. */
export class SalesFileError extends Error {
  override readonly name = 'SalesFileError'
}

/**
 * The lines of a sales file in the format of "Online Retail" (UCI Machine Learning Repository, D. Chen 2015,
 * doi 10.24432/C5BW33), plain or gzip, as a stream. A line that cannot be read is handed on with its problem.
 *
 * @throws SalesFileError when there is no such file, its header is another, or it breaks off.
 */
export async function* salesLines(path: string): AsyncGenerator<SalesLine | MalformedLine> {
  let header = true
  try {
    for await (const { number, text, problem } of textLines(path)) {
      if (header) {
        requireHeader(path, text)
        header = false
        continue
      }
      if (text === '') continue
      const fields = text === undefined ? undefined : csvFields(text)
      yield fields
        ? salesLine(number, fields)
        : { lineNumber: number, problem: problem ?? 'its quotes do not balance' }
    }
  } catch (error) {
    if (error instanceof SalesFileError) throw error
    throw new SalesFileError(`${path} cannot be read: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    })
  }
  if (header) throw new SalesFileError(`${path} is empty. It needs the header ${columns.join(',')}.`)
}

function requireHeader(path: string, text: string | undefined): void {
  const found = (text ?? '').replace(/^\uFEFF/, '')
  if (found === columns.join(',')) return
  throw new SalesFileError(`${path} has another format: its first line must be ${columns.join(',')}.`)
}
