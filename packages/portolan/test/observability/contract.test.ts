import { test } from 'node:test'
import { pino } from 'pino'
import { casesFor, type LoggerHarness, loggerContract } from 'portolan/contracts'
import type { AdjustableLogger, LoggerOptions, MemoryLogger } from 'portolan/observability'
import { consoleLogger, createLogger, lineDriver, memoryLogger, pinoLogger } from 'portolan/observability'

/** A harness over a logger that writes text to what it is given. */
function overText(
  open: (options: LoggerOptions | undefined, write: (text: string) => void) => AdjustableLogger,
): () => Promise<LoggerHarness> {
  return async () => {
    let text = ''
    return {
      open: options =>
        open(options, part => {
          text += part
        }),
      output: () => text,
      async [Symbol.asyncDispose]() {},
    }
  }
}

const drivers: Record<string, () => Promise<LoggerHarness>> = {
  pino: overText((options, write) => pinoLogger({ ...options, pino, destination: { write } })),
  line: overText((options, write) => createLogger(lineDriver({ write }), options)),
  async memory() {
    const opened: MemoryLogger[] = []
    return {
      open(options = {}) {
        const logger = memoryLogger({ level: 'info', ...options })
        opened.push(logger)
        return logger
      },
      output: () => opened.flatMap(({ records }) => records.map(record => JSON.stringify(record))).join('\n'),
      async [Symbol.asyncDispose]() {},
    }
  },
  async console() {
    const { debug, info, warn, error } = console
    let text = ''
    const write = (line: string) => {
      text += `${line}\n`
    }
    Object.assign(console, { debug: write, info: write, warn: write, error: write })
    return {
      open: consoleLogger,
      output: () => text,
      async [Symbol.asyncDispose]() {
        Object.assign(console, { debug, info, warn, error })
      },
    }
  },
}

for (const [name, open] of Object.entries(drivers))
  for (const item of casesFor(loggerContract, {}, open)) test(`${name}: ${item.name}`, () => item.run())
