import type { ClaimedJob, DeadJob, KeptJob, RetriedJob, Settled } from './driver.ts'

/** What has been finished since the last exchange with the store. */
export class Settlement implements Settled {
  readonly done: ClaimedJob[] = []
  readonly kept: KeptJob[] = []
  readonly retries: RetriedJob[] = []
  readonly dead: DeadJob[] = []
  readonly returned: ClaimedJob[] = []
  readonly reported: ClaimedJob[] = []

  get isEmpty(): boolean {
    const { done, kept, retries, dead, returned, reported } = this
    return done.length + kept.length + retries.length + dead.length + returned.length + reported.length === 0
  }

  /** Takes over what another one could not hand in. */
  add(other: Settlement): void {
    this.done.push(...other.done)
    this.kept.push(...other.kept)
    this.retries.push(...other.retries)
    this.dead.push(...other.dead)
    this.returned.push(...other.returned)
    this.reported.push(...other.reported)
  }

  jobs(): ClaimedJob[] {
    return [
      ...this.done,
      ...this.returned,
      ...this.kept.map(({ job }) => job),
      ...this.retries.map(({ job }) => job),
      ...this.dead.map(({ job }) => job),
    ]
  }
}
