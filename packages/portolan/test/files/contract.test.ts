import { test } from 'node:test'
import { casesFor, filesContract } from 'portolan/contracts'
import { localFiles, memoryFiles } from 'portolan/files'
import { temporaryRoot } from './support/temporary-root.ts'

for (const durability of ['full', 'process'] as const) {
  const capabilities = { hierarchical: true, persistent: true }
  for (const item of casesFor(filesContract, capabilities, () => local(durability))) {
    test(`local, durability ${durability}: ${item.name}`, () => item.run())
  }
}

for (const item of casesFor(filesContract, memoryFiles().capabilities, memory)) {
  test(`memory: ${item.name}`, () => item.run())
}

async function local(durability: 'full' | 'process') {
  const root = await temporaryRoot()
  const files = localFiles({ root: root.path, durability })
  return {
    files,
    async [Symbol.asyncDispose]() {
      await files.stop()
      await root[Symbol.asyncDispose]()
    },
  }
}

async function memory() {
  const files = memoryFiles()
  return { files, [Symbol.asyncDispose]: () => files.stop() }
}
