import { InfrastructureError } from '../ports/errors.ts'

/** A JSON object that came from outside; nothing about it is known yet. */
export type Received = { readonly [name: string]: unknown }

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The text of a body.
 *
 * @throws InfrastructureError `invalid_argument` when it is no UTF-8.
 */
export function decodeText(body: Uint8Array, what: string): string {
  try {
    return utf8.decode(body)
  } catch (cause) {
    throw new InfrastructureError('invalid_argument', `${what} is not UTF-8.`, { cause })
  }
}

/** Reads JSON; the cause carries no part of the text. */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new InfrastructureError('invalid_argument', `${what} is not JSON.`)
  }
}

/** Hand-written checks of one body: each names the place, none shows the value (it may be personal). */
export function reader(what: string) {
  function fail(path: string, expected: string): never {
    throw new InfrastructureError('invalid_argument', `${what}: ${path} is not ${expected}.`, {
      details: { issues: [{ path, message: `expected ${expected}` }] },
    })
  }

  return {
    fail,
    object(value: unknown, path: string): Received {
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Received
      return fail(path, 'an object')
    },
    list(value: unknown, path: string): readonly unknown[] {
      return Array.isArray(value) ? value : fail(path, 'a list')
    },
    optionalList(value: unknown, path: string): readonly unknown[] {
      if (value === undefined || value === null) return []
      return Array.isArray(value) ? value : fail(path, 'a list')
    },
    text(value: unknown, path: string): string {
      return typeof value === 'string' && value !== '' ? value : fail(path, 'a text')
    },
    optionalText(value: unknown, path: string): string | undefined {
      if (value === undefined || value === null || value === '') return undefined
      return typeof value === 'string' ? value : fail(path, 'a text')
    },
    number(value: unknown, path: string): number {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
      return typeof number === 'number' && Number.isFinite(number) ? number : fail(path, 'a number')
    },
    /** Seconds since the epoch, as a number or as text. */
    seconds(value: unknown, path: string): Date {
      const seconds = typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : value
      if (typeof seconds === 'number' && seconds >= 0 && seconds < 1e12) return new Date(seconds * 1000)
      return fail(path, 'a time in seconds since 1970')
    },
  }
}

export type Reader = ReturnType<typeof reader>
