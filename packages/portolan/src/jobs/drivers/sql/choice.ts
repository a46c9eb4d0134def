import type { CandidateRow } from './engine.ts'

export interface Room {
  /** How many jobs may be claimed. */
  readonly limit: number
  /** How many of them can start at once. */
  readonly startable: number
  /** How many suspects may be among them. */
  readonly suspects: number
  readonly pace?: Pace | undefined
}

/** The rate of each group. */
export interface Pace {
  /** Whether it lets a job begin now, which is then counted; if not, the job is to be set aside. */
  lets(row: CandidateRow): boolean
  /** Whether the group of a job waits for its rate: somebody will let it go on. */
  holds(row: CandidateRow): boolean
}

/** What is to become of a page of candidates. Who is in none of the lists stays where it is. */
export interface Choice {
  readonly chosen: readonly CandidateRow[]
  /** How many suspects are among the chosen. */
  readonly suspects: number
  /** To be set aside: another one of the page goes first. */
  readonly behindChosen: readonly CandidateRow[]
  /** To be set aside: another one runs or goes first. */
  readonly heldBack: readonly CandidateRow[]
  /** To be set aside: the rate of their group lets none begin now. */
  readonly paced: readonly CandidateRow[]
  /** Wait for jobs of their group that were set aside and that nobody will let go. */
  readonly stuck: readonly CandidateRow[]
  /** Something is due that has to wait until a job in hand has ended. */
  readonly deferred: boolean
  /** One needs the next slot that is free, so nothing behind it was looked at. */
  readonly waitsForSlot: boolean
}

/** Decides about candidates, in their order. */
export function choose(rows: readonly CandidateRow[], { limit, startable, suspects, pace }: Room): Choice {
  const heads = headsOf(rows)
  const chosen: CandidateRow[] = []
  const behindChosen: CandidateRow[] = []
  const heldBack: CandidateRow[] = []
  const paced: CandidateRow[] = []
  const stuck: CandidateRow[] = []
  let suspectsLeft = suspects
  let deferred = false
  let waitsForSlot = false
  for (const row of rows) {
    if (chosen.length === limit) break
    const { group_key: group, crashes, id } = row
    const head = group === null ? id : heads.get(group)
    if (row.held_by !== null) {
      heldBack.push(row)
    } else if (head === undefined) {
      if (pace?.holds(row)) paced.push(row)
      else stuck.push(row)
    } else if (head !== id) {
      behindChosen.push(row)
    } else if (crashes > 1 && suspectsLeft === 0) {
      // Passed over, or a suspect that runs long would hold up everybody behind the next one.
      deferred = true
    } else if (crashes > 0 && chosen.length >= startable) {
      // Not passed over, or those that are claimed ahead would always take the slot that it needs.
      waitsForSlot = true
      break
    } else if (pace && !pace.lets(row)) {
      paced.push(row)
    } else {
      if (crashes > 1) suspectsLeft--
      chosen.push(row)
    }
  }
  return {
    chosen,
    suspects: suspects - suspectsLeft,
    behindChosen,
    heldBack,
    paced,
    stuck,
    deferred,
    waitsForSlot,
  }
}

/** The first of each group among the candidates that nothing else holds back. */
function headsOf(rows: readonly CandidateRow[]): ReadonlyMap<string, number> {
  const heads = new Map<string, number>()
  for (const { id, group_key: group, held_by, behind } of rows) {
    if (group === null || held_by !== null || behind === 1) continue
    const head = heads.get(group)
    if (head === undefined || id < head) heads.set(group, id)
  }
  return heads
}
