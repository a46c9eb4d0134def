import { contract } from './contract.ts'
import { conditionCases } from './files-conditions.ts'
import { contentCases } from './files-content.ts'
import { factCases } from './files-facts.ts'
import type { FilesHarness } from './files-kit.ts'
import { listingCases } from './files-listing.ts'
import { pathCases } from './files-paths.ts'

export type { FilesHarness } from './files-kit.ts'

/** What every file storage must do. Capabilities: `FilesCapabilities` of `portolan/files`. */
export const filesContract = contract<FilesHarness>('files', [
  ...contentCases,
  ...factCases,
  ...conditionCases,
  ...pathCases,
  ...listingCases,
])
