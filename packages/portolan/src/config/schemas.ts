import type { Schema } from '../ports/schema.ts'
import type { Duration } from '../ports/time.ts'
import { milliseconds } from '../runtime/duration.ts'

/** A Standard Schema that reads text as well as the value itself, and says what it allows. */
export interface TextSchema<Output, Input = Output> extends Schema<Output, Input | string> {
  /** What is allowed, as in `a whole number from 1 to 65535`. */
  readonly expects: string
}

/** What `read` yields for a value that it does not allow. */
const refused = Symbol('refused')

/**
 * A schema of one's own: `read` gets what a source has (text from variables and flags, any value from a file or a default).
 *
 * @example
 * const country = () => textSchema('a country such as DE', (value, refuse) => (/^[A-Z]{2}$/.test(String(value)) ? String(value) : refuse))
 */
export function textSchema<Output, Input = Output>(
  expects: string,
  read: (value: unknown, refuse: typeof refused) => Output | typeof refused,
): TextSchema<Output, Input> {
  return {
    expects,
    '~standard': {
      version: 1,
      vendor: 'portolan',
      validate(value) {
        const output = value === undefined ? refused : read(value, refused)
        return output === refused ? { issues: [{ message: `expected ${expects}` }] } : { value: output }
      },
    },
  }
}

/** Text of at least one character, as it is. */
export function string(
  options: { readonly minLength?: number; readonly maxLength?: number } = {},
): TextSchema<string> {
  const { minLength = 1, maxLength = Number.POSITIVE_INFINITY } = options
  const limits = [
    minLength > 1 && `at least ${minLength}`,
    maxLength < Number.POSITIVE_INFINITY && `at most ${maxLength}`,
  ].filter(Boolean)
  const expects = limits.length > 0 ? `text of ${limits.join(' and ')} characters` : 'text'
  return textSchema(expects, (value, refuse) =>
    typeof value === 'string' && value.length >= minLength && value.length <= maxLength ? value : refuse,
  )
}

/** A URL, kept as text. `schemes` without the colon, as in `['http', 'https']`; default: any. */
export function url(options: { readonly schemes?: readonly string[] } = {}): TextSchema<string> {
  const { schemes } = options
  const expects = schemes ? `a URL that begins with ${either(schemes.map(scheme => `${scheme}:`))}` : 'a URL'
  return textSchema(expects, (value, refuse) => {
    // `localhost:3000` has the form of a URL, and is one that lacks its scheme.
    if (typeof value !== 'string' || !/^[a-z][a-z0-9+.-]+:(?!\d+$)/i.test(value)) return refuse
    // `sqlite:./shop.db` and `memory:` are URLs here; with an authority, the platform's parser has the last word.
    if (value.includes('://') && !URL.canParse(value)) return refuse
    const scheme = value.slice(0, value.indexOf(':')).toLowerCase()
    return !schemes || schemes.includes(scheme) ? value : refuse
  })
}

/** A whole number, within both bounds. */
export function integer(options: { readonly min?: number; readonly max?: number } = {}): TextSchema<number> {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = options
  return textSchema(`a whole number${range(options)}`, (value, refuse) => {
    const number = typeof value === 'string' && /^[+-]?\d+$/.test(value.trim()) ? Number(value) : value
    return Number.isSafeInteger(number) && (number as number) >= min && (number as number) <= max
      ? (number as number)
      : refuse
  })
}

/** A TCP port; 0 lets the system choose one. */
export function port(): TextSchema<number> {
  return integer({ min: 0, max: 65_535 })
}

/** `true`, `yes`, `on`, `1`, or their opposites; in any case. */
export function boolean(): TextSchema<boolean> {
  const words: Readonly<Record<string, boolean>> = {
    true: true,
    yes: true,
    on: true,
    '1': true,
    false: false,
    no: false,
    off: false,
    '0': false,
  }
  return textSchema('true or false', (value, refuse) => {
    if (typeof value === 'boolean') return value
    const word = typeof value === 'string' ? value.trim().toLowerCase() : ''
    return Object.hasOwn(words, word) ? words[word]! : refuse
  })
}

/** A length of time, in milliseconds: `250ms`, `30s`, `10m`, `6h`, `7d`. A bare number is refused in text, where its unit is a guess. */
export function duration(): TextSchema<number, Duration> {
  return textSchema('a duration such as 250ms, 30s, 10m, 6h or 7d', (value, refuse) => {
    try {
      return milliseconds((typeof value === 'string' ? value.trim() : value) as Duration)
    } catch {
      return refuse
    }
  })
}

/** One of a few words. */
export function oneOf<const Word extends string>(words: readonly Word[]): TextSchema<Word> {
  return textSchema(either(words), (value, refuse) => words.find(word => word === value) ?? refuse)
}

/** Several values: text with commas between them, or an array in a file. Each goes through `item`; default: text. */
export function list(): TextSchema<string[]>
export function list<Output, Input>(item: TextSchema<Output, Input>): TextSchema<Output[], (Input | string)[]>
export function list(item: TextSchema<unknown, unknown> = string()): TextSchema<unknown[], unknown[]> {
  return textSchema(`a list, separated by commas, of: ${item.expects}`, (value, refuse) => {
    const parts = typeof value === 'string' ? value.split(',').map(part => part.trim()) : value
    if (!Array.isArray(parts)) return refuse
    const read = parts.filter(part => part !== '').map(part => item['~standard'].validate(part))
    return read.every(result => !(result instanceof Promise) && !result.issues)
      ? read.map(result => (result as { value: unknown }).value)
      : refuse
  })
}

/** A number of bytes: `512`, `64kb`, `10mb`, `2gb`, in steps of 1024 (`kib` is the same). */
export function bytes(options: { readonly min?: number; readonly max?: number } = {}): TextSchema<number> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = options
  return textSchema(`a number of bytes such as 512, 64kb or 10mb${range(options)}`, (value, refuse) => {
    const match =
      typeof value === 'string' ? /^(\d+(?:\.\d+)?)\s*(?:([kmgt])i?)?b?$/i.exec(value.trim()) : null
    const power = match?.[2] ? 'kmgt'.indexOf(match[2].toLowerCase()) + 1 : 0
    const number = match ? Number(match[1]) * 1024 ** power : value
    return Number.isSafeInteger(number) && (number as number) >= min && (number as number) <= max
      ? (number as number)
      : refuse
  })
}

/** Makes a setting optional: `undefined` when no source has it. */
export function optional<Output, Input>(
  schema: TextSchema<Output, Input>,
): TextSchema<Output | undefined, Input | undefined> {
  return {
    expects: `${schema.expects} (optional)`,
    '~standard': {
      version: 1,
      vendor: 'portolan',
      validate: value => (value === undefined ? { value } : schema['~standard'].validate(value)),
    },
  }
}

function range({ min, max }: { readonly min?: number; readonly max?: number }): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`
  if (min !== undefined) return `, ${min} or more`
  return max === undefined ? '' : `, ${max} or less`
}

function either(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}
