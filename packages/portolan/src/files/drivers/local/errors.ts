import type { FilesErrorMeaning } from '../../driver.ts'
import { codeOf } from './calls.ts'

/** What the system's error codes mean to an application. */
export function meaningOf(error: unknown): FilesErrorMeaning | undefined {
  const code = codeOf(error)
  return code === undefined ? undefined : meanings[code]
}

const full: FilesErrorMeaning = {
  code: 'resource_exhausted',
  message: 'There is no room left for the file. Make room on the disk, or raise the quota.',
}
const denied: FilesErrorMeaning = {
  code: 'permission_denied',
  message:
    'The system refuses access. Let the user of this process read and write the root of the file storage.',
}
const busy: FilesErrorMeaning = {
  code: 'resource_exhausted',
  retry: 'later',
  message: 'Too many files are open. Try again, or raise the limit (ulimit -n).',
}
const folder: FilesErrorMeaning = {
  code: 'conflict',
  message: 'A path cannot be a file and a folder at once. Choose another one, or delete what is in the way.',
}

const meanings: Readonly<Record<string, FilesErrorMeaning>> = {
  ENOSPC: full,
  EDQUOT: full,
  EFBIG: full,
  EACCES: denied,
  EPERM: denied,
  EROFS: denied,
  EMFILE: busy,
  ENFILE: busy,
  EISDIR: folder,
  ENOTDIR: folder,
  EEXIST: folder,
  ENAMETOOLONG: {
    code: 'invalid_argument',
    message: 'A segment of the path is longer than the file system takes (255 bytes, as a rule).',
  },
  ELOOP: {
    code: 'permission_denied',
    message: 'The path is a symbolic link. The file storage does not follow links.',
  },
  EIO: { code: 'data_loss', message: 'The disk failed. Check it before anything else.' },
}
