import { readFileSync } from 'node:fs'

/** Whom a process runs as. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/** The first of `users` that this machine has, when we are root, as whom database servers refuse to run; otherwise, or when it names none, `undefined`: ourselves. */
export function accountFor(users: readonly string[]): Account | undefined {
  if (users.length === 0 || process.getuid?.() !== 0) return undefined
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  const rows = lines.map(line => line.split(':'))
  const row = users.map(user => rows.find(([name]) => name === user)).find(found => found !== undefined)
  if (row === undefined)
    throw new Error(`Servers do not run as root, and there is no user ${users.join(' or ')}.`)
  return { uid: Number(row[2]), gid: Number(row[3]) }
}
