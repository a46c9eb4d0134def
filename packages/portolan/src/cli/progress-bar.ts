import type { Terminal } from './command.ts'

const width = 30

export interface ProgressBar extends Disposable {
  readonly tell: (done: number, total: number) => void
}

/** A line that shows how far something is, and is gone at its end. `undefined` where nobody looks at a screen. */
export function progressBar({ screen, error }: Terminal): ProgressBar | undefined {
  if (!screen) return undefined
  const count = new Intl.NumberFormat('en')
  return {
    tell(done, total) {
      const filled = total === 0 ? width : Math.floor((width * done) / total)
      const bar = '█'.repeat(filled).padEnd(width, '░')
      error(`\r${bar} ${count.format(done)} of ${count.format(total)}\u001B[K`)
    },
    [Symbol.dispose]: () => error('\r\u001B[K'),
  }
}
