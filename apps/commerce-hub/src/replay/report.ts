import type { ReplayResult } from './replay.ts'

/** The result for people. */
export function report(result: ReplayResult): string {
  const amount = (text: string) => text.replace(/\B(?=(\d{3})+\.)/g, ',').padStart(16)
  const count = (value: number) => value.toLocaleString('en-GB').padStart(12)
  const rejected = Object.entries(result.rejected).map(
    ([reason, lines]) => `  ${reason.replaceAll('_', ' ').padEnd(24)}${count(lines)} lines`,
  )
  return [
    `Lines                     ${count(result.lines)}`,
    `Invoices                  ${count(result.invoices)}`,
    `Orders                    ${count(result.orders)}`,
    `Refunds                   ${count(result.refunds)}`,
    ...(rejected.length > 0 ? ['Rejected', ...rejected] : []),
    '',
    `The file's own total  ${amount(result.dataset_total)}`,
    `  orders              ${amount(result.orders_total)}`,
    `  refunds             ${amount(result.refunds_total)}`,
    `  rejected            ${amount(result.rejected_total)}`,
    `Difference            ${amount(result.difference)}`,
    '',
    `Lost ${result.lost}, duplicated ${result.duplicated}.`,
    ...result.problems.map(problem => `  ${problem}`),
    `${result.seconds} s, ${result.invoices_per_second} invoices/s${
      result.peak_memory_mib === undefined ? '' : `, the shop's process at most ${result.peak_memory_mib} MiB`
    }${result.resumed ? '; went on where an earlier run was interrupted' : ''}.`,
  ].join('\n')
}

/** Whether everything agrees. */
export function agrees(result: ReplayResult): boolean {
  return Number(result.difference) === 0 && result.lost === 0 && result.duplicated === 0
}
