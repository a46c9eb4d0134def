export { contentTypeOf } from './content-types.ts'
export type {
  ByteRange,
  DriverFile,
  FileProperties,
  FilesCapabilities,
  FilesDriver,
  FilesErrorMeaning,
  WriteCondition,
} from './driver.ts'
export { type LocalFilesOptions, localFiles } from './drivers/local/index.ts'
export { memoryFiles } from './drivers/memory.ts'
export { createFiles, type FileStore } from './files.ts'
export { openFiles } from './open-files.ts'
