const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

/** How long ago a moment was, in its largest unit: `3 min ago`. */
export function ago(moment: Date, now: number): string {
  const ms = Math.max(0, now - moment.getTime())
  const [unit, size] = units.find(([, least]) => ms >= least) ?? ['s', 1_000]
  return `${Math.floor(ms / size)} ${unit} ago`
}
