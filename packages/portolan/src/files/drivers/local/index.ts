import { resolve } from 'node:path'
import { type Surroundings, surroundings } from '../../../runtime/surroundings.ts'
import { createFiles, type FileStore } from '../../files.ts'
import { localDriver } from './driver.ts'

export interface LocalFilesOptions extends Partial<Surroundings> {
  /** The folder that holds everything; made when it is not there. */
  readonly root: string
  /**
   * `full` (default): what was written survives a power failure. `process`: it survives the end of the process, as the system writes it
   * to the disk when it likes; much faster on slow disks. Either way a file is whole, old or new.
   */
  readonly durability?: 'full' | 'process'
}

/**
 * Files in a folder of this machine, under names that people recognize. Several processes may share a root; `ifMatch` is decided
 * among the writers of one process only.
 *
 * @example
 * const files = localFiles({ root: './files' })
 * await files.write('receipts/2010/12/42.html', html)
 */
export function localFiles(options: LocalFilesOptions): FileStore {
  return createFiles(localDriver(resolve(options.root), options.durability ?? 'full', surroundings(options)))
}
