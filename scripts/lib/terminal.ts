import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** `text` in a style, on a terminal that shows it; plain everywhere else (and with NO_COLOR). */
export const paint = (style: Style, text: string): string =>
  styleText(style, text, { stream: process.stdout })

/** 830 → `830 ms`, 12_345 → `12.3 s`. */
export function readableMs(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`
}

/** `1 test`, `2 tests`. */
export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`

/** Every line of `text`, moved to the right. */
export const indent = (text: string, by = '    '): string => text.replace(/^(?=.)/gm, by)
