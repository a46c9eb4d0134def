/** Starts a server, says its process id, and then holds it until somebody ends this process. */
import { type ServerName, startServer } from '../../src/index.ts'

const { pid } = await startServer(process.argv[2] as ServerName)
console.log(pid)
setInterval(() => {}, 1_000_000)
