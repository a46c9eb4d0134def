import { redacted } from '../runtime/redacted.ts'
import { withoutCredentials } from '../runtime/redactor.ts'

/** A value as messages and commands show it: never a secret, without the credentials of URLs (broken ones too), in at most 80 characters. */
export function display(value: unknown, secret: boolean): string {
  if (value === undefined) return 'nothing'
  if (secret) return redacted
  return shortened(withoutUserInformation(plainText(value)))
}

/** A schema's message, without the value where that is secret; some schemas quote what they were given. */
export function displayMessage(message: string, value: unknown, secret: boolean): string {
  if (!secret) return shortened(withoutUserInformation(message))
  const text = typeof value === 'string' ? value : plainText(value)
  const size = Math.min(4, text.length)
  for (let start = 0; size > 0 && start + size <= text.length; start++)
    if (message.includes(text.slice(start, start + size))) return 'not what its schema allows'
  return message
}

function plainText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return typeof value === 'bigint' ? `${value}n` : `a ${typeof value}`
  }
}

function withoutUserInformation(text: string): string {
  return withoutCredentials(text.replace(/(:\/{0,2}|\/\/)[^\s"]*@/g, `$1${redacted}@`))
}

function shortened(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`
}
