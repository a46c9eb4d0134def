import { createHash } from 'node:crypto'
import type { MigrationStep } from '../migrations.ts'

/** Of code whose file is not known: edits cannot be told. */
const unknown = 'code'
const ofFile = 'file:'

export function checksumOf(step: MigrationStep): string {
  return typeof step === 'string' ? digest(step) : unknown
}

/** Of a file that holds code, whatever its line ends are. */
export function fileChecksum(text: string): string {
  return ofFile + digest(text)
}

/** Whether a migration was edited since it was recorded. Code is only compared where both sides know its file. */
export function differs(given: string, recorded: string): boolean {
  if (given === recorded) return false
  return !(isCode(given) && isCode(recorded) && (given === unknown || recorded === unknown))
}

function isCode(checksum: string): boolean {
  return checksum === unknown || checksum.startsWith(ofFile)
}

function digest(text: string): string {
  return createHash('sha256').update(text.replaceAll('\r\n', '\n').trim()).digest('hex')
}
