import type { Report, Row } from './measure.ts'

/** A report for people. */
export function table({ suite, versions, machine, rounds, rows, left_out = [], notes = [] }: Report): string {
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const heading = `${suite}: median of ${rounds} rounds (min – max), ${machine.cores} cores, node ${machine.node}`
  const missing = left_out.map(({ contender, reason }) => `${contender} is left out: ${reason}`)
  return [heading, used.join(', '), ...missing, ...notes, ...rows.flatMap(row => ['', ...lines(row)])].join(
    '\n',
  )
}

function lines(row: Row): string[] {
  const results = Object.entries(row.results)
  const width = Math.max(...results.map(([name]) => name.length))
  const verdict = row.ratio === null ? '' : `, ${row.ratio} × ${row.best_peer}`
  const raw = row.raw === undefined || row.raw_ratio === null ? '' : `, ${row.raw_ratio} × ${row.raw}`
  return [
    `${row.case} (${row.unit}, ${row.better} is better${verdict}${raw})`,
    ...(row.misses ?? []).map(miss => `  falls short: ${miss}`),
    ...results.map(([name, { median, min, max }]) => {
      const spread = `(${readable(min)} – ${readable(max)})`
      return `  ${name.padEnd(width)}  ${readable(median).padStart(12)}  ${spread}`
    }),
  ]
}

export const readable = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 6 })
