import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import type { Report, Row } from './measure.ts'
import { readable } from './table.ts'

const path = new URL('../../docs/performance.md', import.meta.url)

const introduction = `# Performance

Measured side by side with what people use today, losses included. Every table is written by the command below it, which repeats
the measurement on your machine: absolute figures depend on it, ratios much less.

\`ratio\` is ours to the best peer's median, and above 1 when we are ahead.
`

/** Puts the report into \`docs/performance.md\`, in place of what the suite had there. */
export function writePage(report: Report): void {
  const page = existsSync(path) ? readFileSync(path, 'utf8') : introduction
  writeFileSync(path, withSection(page, report.suite, section(report)))
}

/** The page with the section of a suite replaced, or added at the end; the rest stays as it is. */
export function withSection(page: string, suite: string, section: string): string {
  const [begin, end] = [`<!-- ${suite}: written by the command -->`, `<!-- end of ${suite} -->`]
  const written = `${begin}\n${section}\n${end}`
  const from = page.indexOf(begin)
  if (from < 0) return `${page.trimEnd()}\n\n${written}\n`
  return page.slice(0, from) + written + page.slice(page.indexOf(end) + end.length)
}

export function section({
  suite,
  versions,
  machine,
  rounds,
  rows,
  left_out = [],
  notes = [],
}: Report): string {
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const missing = left_out.map(({ contender, reason }) => `${contender} is left out: ${reason}`)
  const short = rows.flatMap(row => (row.misses ?? []).map(miss => `- ${row.case}: ${miss}`))
  return [
    `## ${suite[0]!.toUpperCase()}${suite.slice(1)}`,
    `    npm run bench -- ${suite} --rounds ${rounds} --write`,
    `Median of ${rounds} rounds (least – greatest). ${cpus()[0]?.model}, ${machine.cores} cores, with a load of ${loadavg()[2]!.toFixed(1)} while it ran; Node ${machine.node}; ${used.join(', ')}.`,
    ...missing,
    ...notes,
    ...grouped(rows).flatMap(group => [summary(group), ...details(group)]),
    ...(short.length > 0 ? [`Falls short of what it is to be:\n\n${short.join('\n')}`] : []),
  ].join('\n\n')
}

/** Rows next to one another that have the same contenders share a table. */
function grouped(rows: readonly Row[]): Row[][] {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = Object.keys(row.results).join()
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  return [...groups.values()]
}

function summary(rows: readonly Row[]): string {
  const raw = rows.some(row => row.raw !== undefined)
  const heading = ['', 'unit', 'ratio', 'best peer', ...(raw ? ['to the driver', 'driver', ''] : [])]
  return markdown(
    heading,
    rows.map(row => [
      row.case,
      row.unit,
      row.ratio === null ? '–' : String(row.ratio),
      row.best_peer ?? '–',
      ...(raw ? [String(row.raw_ratio ?? '–'), row.raw ?? '–', row.misses?.length ? 'falls short' : ''] : []),
    ]),
  )
}

/** Every contender's figures: contenders down, cases across. */
function details(rows: readonly Row[]): string[] {
  const names = Object.keys(rows[0]!.results)
  const cells = ({ median, min, max }: Row['results'][string]) =>
    `${readable(median)} (${readable(min)} – ${readable(max)})`
  return [
    markdown(
      ['', ...names],
      rows.map(row => [`${row.case} (${row.unit})`, ...names.map(name => cells(row.results[name]!))]),
    ),
  ]
}

function markdown(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(heading), line(heading.map(() => '---')), ...rows.map(line)].join('\n')
}
