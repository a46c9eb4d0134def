import { InfrastructureError } from '../ports/errors.ts'
import type { WriteOptions } from '../ports/files.ts'
import { contentTypeOf } from './content-types.ts'
import type { FileProperties, WriteCondition } from './driver.ts'

/** What every engine can carry: S3 sends metadata as headers, of 2 KB in all. */
const maxMetadataBytes = 2048

const none: Readonly<Record<string, string>> = Object.freeze({})

/** @throws InfrastructureError `invalid_argument` */
export function propertiesOf(path: string, { contentType, metadata }: WriteOptions): FileProperties {
  if (contentType !== undefined && !/^[\w.+-]+\/[\w.+-]+(?:\s*;[\x20-\x7e]*)?$/.test(contentType)) {
    throw invalid(
      `${JSON.stringify(contentType)} is no content type. Write it as in 'text/html; charset=utf-8'.`,
    )
  }
  if (metadata) requireMetadata(metadata)
  return { contentType: contentType ?? contentTypeOf(path), metadata: metadata ? { ...metadata } : none }
}

/** @throws InfrastructureError `invalid_argument` */
export function conditionOf({ ifAbsent, ifMatch }: WriteOptions): WriteCondition | undefined {
  if (ifAbsent && ifMatch !== undefined) throw invalid('Give ifAbsent or ifMatch, not both.')
  if (ifAbsent) return { kind: 'absent' }
  return ifMatch === undefined ? undefined : { kind: 'match', etag: ifMatch }
}

function requireMetadata(metadata: Readonly<Record<string, string>>): void {
  let size = 0
  for (const [key, value] of Object.entries(metadata)) {
    if (!/^[a-z0-9][a-z0-9-]*$/.test(key)) {
      throw invalid(`${JSON.stringify(key)} is no metadata key: use a-z, 0-9 and '-'.`)
    }
    if (typeof value !== 'string' || !value.isWellFormed() || value.includes('\0')) {
      throw invalid(`The metadata of ${key} must be text.`)
    }
    size += key.length + new TextEncoder().encode(value).length
  }
  if (size > maxMetadataBytes)
    throw invalid(`Metadata may take ${maxMetadataBytes} bytes in all; this takes ${size}.`)
}

function invalid(message: string): InfrastructureError {
  return new InfrastructureError('invalid_argument', message)
}
