import { createHash } from 'node:crypto'
import type { Store } from '../store/store.ts'

export interface Media {
  readonly id: string
  readonly mime_type: string
  readonly sha256: string
  readonly file_size: number
}

export interface MediaStore {
  add(bytes: Uint8Array, mimeType: string): Media
  find(id: string): Media | undefined
  bytes(id: string): Uint8Array | undefined
  delete(id: string): boolean
}

export function createMediaStore(store: Store, nextId: () => string): MediaStore {
  store.define(`
    CREATE TABLE IF NOT EXISTS whatsapp_media (
      id TEXT PRIMARY KEY, mime_type TEXT NOT NULL, sha256 TEXT NOT NULL, file_size INTEGER NOT NULL, bytes BLOB NOT NULL
    );
  `)
  const insert = store.write(
    'INSERT INTO whatsapp_media (id, mime_type, sha256, file_size, bytes) VALUES (?, ?, ?, ?, ?)',
  )
  const find = store.one<Media>('SELECT id, mime_type, sha256, file_size FROM whatsapp_media WHERE id = ?')
  const bytesOf = store.one<{ bytes: Uint8Array }>('SELECT bytes FROM whatsapp_media WHERE id = ?')
  const remove = store.write('DELETE FROM whatsapp_media WHERE id = ?')
  return {
    add(bytes, mimeType) {
      const id = nextId()
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      insert(id, mimeType, sha256, bytes.length, bytes)
      return { id, mime_type: mimeType, sha256, file_size: bytes.length }
    },
    find,
    bytes: id => bytesOf(id)?.bytes,
    delete: id => remove(id) > 0,
  }
}
