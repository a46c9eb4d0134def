import type { ClaimedJob, DeadJob, RetriedJob, Settled } from './driver.ts'

/** What has been finished since the last exchange with the store. */
export class Settlement implements Settled {
  readonly done: ClaimedJob[] = []
  readonly retries: RetriedJob[] = []
  readonly dead: DeadJob[] = []
  readonly returned: ClaimedJob[] = []

  get isEmpty(): boolean {
    return this.done.length + this.retries.length + this.dead.length + this.returned.length === 0
  }

  /** Takes over what another one could not hand in. */
  add(other: Settlement): void {
    this.done.push(...other.done)
    this.retries.push(...other.retries)
    this.dead.push(...other.dead)
    this.returned.push(...other.returned)
  }

  jobs(): ClaimedJob[] {
    return [
      ...this.done,
      ...this.returned,
      ...this.retries.map(({ job }) => job),
      ...this.dead.map(({ job }) => job),
    ]
  }
}
