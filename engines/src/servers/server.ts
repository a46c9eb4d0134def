/** What this workspace has to know of a server; one file each, in this folder. */
export interface ServerEngine {
  readonly name: string
  /** What it is called in a sentence. */
  readonly title: string
  /** The environment variable that holds its URL. */
  readonly variable: string
  /** The one that it listens on by default. */
  readonly port: number
  /** The packages of Debian that install it, or what `fetch` takes. */
  readonly packages: string
  /** Asks it to stop now, in order, without waiting for clients. */
  readonly stopSignal: NodeJS.Signals
  /** The URL of one that lets its administrator in without a password, on the loopback. */
  url(port: number): string
  /** Connects, and asks for the version. Rejects with the error of the client when it does not answer, or not as it should. */
  version(url: string): Promise<string>
  /** The programs on this machine, or `undefined`. */
  installation(env: NodeJS.ProcessEnv): Installation | undefined
  /** Downloads the programs into the user's cache, where no package has them. @throws Error that says what is missing. */
  fetch?(env: NodeJS.ProcessEnv): Promise<void>
}

/** One that keeps databases. */
export interface DatabaseEngine extends ServerEngine {
  createDatabase(url: string, name: string): Promise<void>
  /** Drops it with whoever is connected to it. */
  dropDatabase(url: string, name: string): Promise<void>
}

/** Programs that can make and run a server of our own. */
export interface Installation {
  /** The program that is the server. */
  readonly program: string
  /** The users to run as, the first that there is, when we are root and the server refuses to be; none where it does not. */
  readonly users: readonly string[]
  /** The command that fills an empty folder with what the server needs; none where the server does so itself. */
  initialise?(folder: string): readonly string[]
  /** The command that serves it on a port of the loopback, in the foreground, logging to its standard error. */
  serve(folder: string, port: number): readonly string[]
}

/** How long a server may take to answer before it counts as absent: a busy machine is slow, a closed port is not. */
export const answerTimeoutMs = 10_000
