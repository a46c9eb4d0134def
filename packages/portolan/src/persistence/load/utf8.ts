import { badFile, type MigrationFile } from './migration-file.ts'

/** The text of a file, without a byte order mark. */
export function utf8(bytes: Uint8Array, file: MigrationFile): string {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw badFile(file, 'is not UTF-8. Save it as UTF-8.', cause)
  }
  // What UTF-16 without a mark looks like.
  if (text.includes('\0')) throw badFile(file, 'holds NUL bytes. Save it as UTF-8.')
  return text
}
