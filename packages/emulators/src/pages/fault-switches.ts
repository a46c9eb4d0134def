import type { Faults } from '../faults/faults.ts'
import { type Html, html } from './html.ts'

const labels: Readonly<Record<string, readonly [label: string, hint: string]>> = {
  down: ['Down', 'refuses everything'],
  latencyMs: ['Latency', 'ms before each answer'],
  errorRate: ['Errors', '% fail before anything is done'],
  timeoutRate: ['Timeouts', '% are done, but answered late'],
  timeoutMs: ['Late means', 'ms'],
  resetRate: ['Resets', '% are done, then the connection is reset'],
  revoked: ['Credential revoked', 'refuses the token or key'],
  nextRequests: ['Only for the next', 'requests; 0: until switched off'],
  duplicateWebhookRate: ['Duplicate webhooks', '% come twice'],
  reorderWebhookRate: ['Reordered webhooks', '% are overtaken'],
  holdWebhooks: ['Hold webhooks', 'delivers none until switched off'],
  errorCodeRate: ['Refused sends', '% are refused with a code'],
  errorCode: ['Their code', "Meta's error code"],
  failureRate: ['Failed messages', '% are accepted, then fail'],
  failureCode: ['Their code', "Meta's error code"],
  pairRateLimit: ['Pair rate limit', '131056: 1 per 6 s, 45 at once'],
  throughputLimit: ['Throughput limit', '130429: 80 messages/s'],
  testAmounts: ['Test amounts', 'what happens to a charge of exactly this amount'],
  declineRate: ['Declines', '% of charges are declined'],
  pendingRate: ['Pending', '% of charges settle two seconds later'],
  unknownRecipients: ['Unknown recipients', 'refused with 550'],
}

/** Every fault of a service as a switch or a number. */
export function faultSwitches(service: string, title: string, faults: Faults<object>, good: object): Html {
  const active = JSON.stringify(faults.current) !== JSON.stringify(good)
  return html`<details class="card faults" data-service="${service}" data-active="${String(active)}" ${active ? html`open` : ''}>
<summary>${title}</summary>
<form>${Object.entries(faults.current).map(([name, value]) => control(name, value))}
<footer><button type="button" class="plain" data-reset>Back to normal</button><output></output></footer></form>
</details>`
}

function control(name: string, value: unknown): Html {
  const [label, hint] = labels[name] ?? [name, '']
  const text = html`<span>${label}<small>${hint}</small></span>`
  if (typeof value === 'boolean') {
    return html`<label>${text}<input type="checkbox" role="switch" name="${name}" ${value ? html`checked` : ''}></label>`
  }
  if (typeof value === 'number') {
    const rate = name.endsWith('Rate')
    return html`<label>${text}<input type="number" name="${name}" min="0" ${rate ? html`max="100" data-kind="rate"` : ''} value="${rate ? value * 100 : value}"></label>`
  }
  return html`<label class="wide">${text}<input type="text" name="${name}" data-kind="json" value="${JSON.stringify(value)}"></label>`
}
