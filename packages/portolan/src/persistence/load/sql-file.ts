import type { Migration } from '../migrations.ts'
import { splitStatements } from '../statement-text.ts'
import { badFile, type MigrationFile } from './migration-file.ts'

const upLine = /^[ \t]*--[ \t]*up[ \t]*\r?$/im
const downLine = /^[ \t]*--[ \t]*down[ \t]*\r?$/im

export function sqlMigration(text: string, file: MigrationFile): Migration {
  const [before = '', down, ...more] = text.split(downLine)
  if (more.length > 0) throw badFile(file, "has more than one line '-- down'.")
  const [head = '', body, ...others] = before.split(upLine)
  if (others.length > 0) throw badFile(file, "has more than one line '-- up'.")
  if (body !== undefined && splitStatements(head).length > 0)
    throw badFile(file, "has statements above the line '-- up'. Move them below it.")
  if (down !== undefined && upLine.test(down))
    throw badFile(file, "has the line '-- up' below '-- down'. Turn them round.")
  const up = `${head.trim()}\n${(body ?? '').trim()}`.trim()
  if (splitStatements(up).length === 0) throw badFile(file, 'has no statements to apply.')
  if (down === undefined) return { name: file.name, up }
  if (splitStatements(down).length === 0)
    throw badFile(file, "has no statements below '-- down'. Leave out the line when it cannot be undone.")
  return { name: file.name, up, down: down.trim() }
}
