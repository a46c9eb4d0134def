const clockTime = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const shortDate = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const longDate = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
})

export const timeOf = (at: Date) => clockTime.format(at)
export const dayOf = (at: Date) => longDate.format(at)

/** The time today, the date before. */
export function whenOf(at: Date, now: number): string {
  return dayOf(at) === dayOf(new Date(now)) ? clockTime.format(at) : shortDate.format(at)
}
