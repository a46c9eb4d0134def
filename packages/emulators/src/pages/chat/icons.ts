import { html, raw } from '../html.ts'

const icon = (path: string, box = 24) =>
  html`<svg viewBox="0 0 ${box} ${box}" aria-hidden="true">${raw(path)}</svg>`

export const icons = {
  back: icon(
    '<path d="M15 5l-7 7 7 7" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/>',
  ),
  send: icon('<path d="M3.4 20.4 21 12 3.4 3.6 3.4 10.2 15.5 12 3.4 13.8z" fill="currentColor"/>'),
  list: icon(
    '<path d="M4 7h16M4 12h16M4 17h10" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"/>',
  ),
  reply: icon('<path d="M10 8V4l-7 7 7 7v-4c5 0 8 1.6 10.5 5C20 13 16.500 9 10 8z" fill="currentColor"/>'),
  cart: icon(
    '<path d="M3 4h2.2l2.3 10.4a1.500 1.500 0 0 0 1.500 1.200h8.200a1.500 1.500 0 0 0 1.450-1.100L20.500 8H6.300" fill="none" stroke="currentColor" stroke-width="1.900" stroke-linecap="round" stroke-linejoin="round"/><circle cx="9.500" cy="19.500" r="1.600" fill="currentColor"/><circle cx="17" cy="19.500" r="1.600" fill="currentColor"/>',
  ),
  add: icon(
    '<path d="M12 5v14M5 12h14" fill="none" stroke="currentColor" stroke-width="2.200" stroke-linecap="round"/>',
  ),
  close: icon(
    '<path d="M6 6l12 12M18 6L6 18" fill="none" stroke="currentColor" stroke-width="2.200" stroke-linecap="round"/>',
  ),
  shop: icon(
    '<path d="M4 10v9.500h16V10M3 9.500 5 4.500h14l2 5c0 1.400-1.100 2.300-2.400 2.300S16.300 10.900 16.300 9.500c0 1.400-1 2.300-2.200 2.300S12 10.900 12 9.500c0 1.400-1 2.300-2.200 2.300S7.700 10.900 7.700 9.500c0 1.400-1 2.300-2.300 2.300S3 10.900 3 9.500z" fill="none" stroke="currentColor" stroke-width="1.700" stroke-linejoin="round"/>',
  ),
  tick: html`<svg class="tick" viewBox="0 0 18 12" aria-hidden="true">${raw('<path class="second" d="M6.500 8.500 9 11 16.500 2" /><path d="M1.500 6.500 5.500 10.700 12.500 2" />')}</svg>`,
}
