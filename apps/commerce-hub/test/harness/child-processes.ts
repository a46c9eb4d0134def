import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** The processes that `pid` has started and that still live. */
export function childProcesses(pid: number): number[] {
  return processes().flatMap(([child, parent]) => (parent === pid ? [child] : []))
}

export function isAlive(pid: number): boolean {
  return processes().some(([alive]) => alive === pid)
}

/** Every living process with its parent: from /proc where there is one, else as `ps` tells. */
function processes(): [number, number][] {
  if (process.platform !== 'linux') {
    const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    return table.split('\n').map(line => line.trim().split(/\s+/).map(Number) as [number, number])
  }
  return readdirSync('/proc').flatMap((name): [number, number][] => {
    if (!/^\d+$/.test(name)) return []
    try {
      // The name of the program stands in brackets, and may hold anything.
      const [state, parent] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
      return state === 'Z' ? [] : [[Number(name), Number(parent)]]
    } catch {
      // It ended while we looked.
      return []
    }
  })
}
