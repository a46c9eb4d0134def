import { spawn } from 'node:child_process'

/**
 * Sees to it that a server and its folder do not outlive this process, not even when it is killed: a shell that waits for the
 * end of a pipe that only we hold. The result calls it off.
 */
export function keep(pid: number, folder: string): () => void {
  // The whole group, as some servers are a script that waits for the program. Processes in groups of their own notice the death of the
  // first a moment later; until then they write.
  const script = 'cat; kill -s KILL -- "-$1"; sleep 1; rm -rf "$2"'
  const keeper = spawn('sh', ['-c', script, 'sh', String(pid), folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  keeper.on('error', () => {})
  keeper.unref()
  return () => void keeper.kill('SIGKILL')
}
