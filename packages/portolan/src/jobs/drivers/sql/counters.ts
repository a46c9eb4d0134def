import type { InspectionStore } from '../../driver.ts'

interface Counts {
  waiting: number
  running: number
  scheduled: number
  retrying: number
  parked: number
  dead: number
  oldestDueAt?: Date
}

/** Counts by type and in all, gathered from several queries. */
export class Counters {
  readonly #total = noCounts()
  readonly #types = new Map<string, Counts>()
  readonly #paused = new Set<string>()

  add(type: string, added: Partial<Omit<Counts, 'oldestDueAt'>>, oldestDueAt?: number): void {
    let own = this.#types.get(type)
    if (!own) {
      own = noCounts()
      this.#types.set(type, own)
    }
    for (const counts of [own, this.#total]) {
      for (const state of states) counts[state] += added[state] ?? 0
      if (
        oldestDueAt === undefined ||
        oldestDueAt >= (counts.oldestDueAt?.getTime() ?? Number.POSITIVE_INFINITY)
      )
        continue
      counts.oldestDueAt = new Date(oldestDueAt)
    }
  }

  pause(type: string): void {
    this.#paused.add(type)
    this.add(type, {})
  }

  status(): Awaited<ReturnType<InspectionStore['status']>> {
    const byName = [...this.#types].sort(([a], [b]) => (a < b ? -1 : 1))
    return {
      ...this.#total,
      types: byName.map(([type, counts]) => ({ type, ...counts, paused: this.#paused.has(type) })),
    }
  }
}

const states = ['waiting', 'running', 'scheduled', 'retrying', 'parked', 'dead'] as const

function noCounts(): Counts {
  return { waiting: 0, running: 0, scheduled: 0, retrying: 0, parked: 0, dead: 0 }
}
