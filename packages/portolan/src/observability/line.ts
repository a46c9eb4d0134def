import type { LogLevel } from '../ports/logger.ts'
import type { LogRecord } from './driver.ts'

const colours: Readonly<Record<LogLevel, number>> = { trace: 90, debug: 36, info: 32, warn: 33, error: 31 }

/**
 * A record for people: `14:03:07.120 INFO  order placed  orderId=42`, with the stacks of an error below. Local time. Control characters are
 * escaped, so that nothing that was logged can forge a line or steer a terminal.
 */
export function formatLine({ level, time, message, fields }: LogRecord, colour: boolean): string {
  const paint = (code: number, text: string) => (colour ? `\u001B[${code}m${text}\u001B[0m` : text)
  const { error, ...rest } = fields
  const pairs = Object.entries(rest).map(
    ([name, value]) => `${paint(90, `${printable(name)}=`)}${plain(value)}`,
  )
  const head = `${paint(90, clockTime(time))} ${paint(colours[level], level.toUpperCase().padEnd(5))} ${printable(message)}`
  const line = pairs.length > 0 ? `${head}  ${pairs.join(' ')}` : head
  return error === undefined ? `${line}\n` : `${line}\n${errorLines(error, '')}`
}

function errorLines(error: unknown, label: string): string {
  if (!isFields(error)) return `    ${label}${plain(error)}\n`
  const { code, message, stack, name, details, cause } = error
  const text = typeof stack === 'string' ? stack : `${String(name)}: ${String(message)}`
  const facts = [code && `code=${plain(code)}`, details && `details=${plain(details)}`]
    .filter(Boolean)
    .join(' ')
  const lines = text.split('\n').map(line => `    ${printable(line)}\n`)
  lines[0] = `    ${label}${lines[0]!.trim()}${facts ? ` (${facts})` : ''}\n`
  return lines.join('') + (cause === undefined ? '' : errorLines(cause, 'caused by: '))
}

function plain(value: unknown): string {
  if (typeof value === 'string' && /^[^\s"=\p{Cc}]+$/u.test(value)) return value
  return printable(JSON.stringify(value) ?? String(value))
}

function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, character => {
    const short = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character]
    return short ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

function clockTime(time: number): string {
  const date = new Date(time)
  const two = (number: number) => String(number).padStart(2, '0')
  const milliseconds = String(date.getMilliseconds()).padStart(3, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${milliseconds}`
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
