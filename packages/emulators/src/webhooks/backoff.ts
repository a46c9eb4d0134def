import type { Random } from 'portolan'

/** Meta takes minutes, but a developer restarts the application and waits: 100 ms, doubled up to 5 s, ± 25 %. */
export function retryDelayMs(attempts: number, random: Random): number {
  const delayMs = Math.min(100 * 2 ** (attempts - 1), 5_000)
  return Math.round(delayMs * (0.75 + random.next() / 2))
}
