/** Where people see how far it is: a bar that is drawn anew, on a terminal only. */
export interface Progress {
  show(label: string, done: number, total: number): void
  /** A line that stays. */
  say(text: string): void
  end(): void
}

/** For programs that nobody watches. */
export const silent: Progress = { show() {}, say() {}, end() {} }

const width = 30
const redrawMs = 100

export function progressOn(stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return { ...silent, say: text => void stream.write(`${text}\n`) }
  let drawnAt = Number.NEGATIVE_INFINITY
  const clear = () => stream.write('\r\u001b[K')
  return {
    show(label, done, total) {
      const now = performance.now()
      if (now - drawnAt < redrawMs && done < total) return
      drawnAt = now
      const share = total === 0 ? 1 : Math.min(done / total, 1)
      const filled = Math.round(share * width)
      const bar = '█'.repeat(filled) + '░'.repeat(width - filled)
      const columns = stream.columns ?? 80
      const text = `${label} ${bar} ${done.toLocaleString('en-GB')} of ${total.toLocaleString('en-GB')}`
      stream.write(`\r\u001b[K${text.slice(0, columns - 1)}`)
    },
    say(text) {
      clear()
      stream.write(`${text}\n`)
    },
    end() {
      clear()
    },
  }
}
