import { InfrastructureError } from '../ports/errors.ts'

/** A number of bytes, or text such as `'512kb'`, `'1mb'` (powers of 1024). */
export type ByteSize = number | `${number}${'b' | 'kb' | 'mb' | 'gb'}`

const units = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 } as const

/** @throws InfrastructureError `invalid_argument`; `what` names the option in it. */
export function byteCount(size: ByteSize, what: string): number {
  if (typeof size === 'number') {
    if (Number.isSafeInteger(size) && size > 0) return size
  } else {
    const match = /^(\d+(?:\.\d+)?)(b|kb|mb|gb)$/.exec(size)
    if (match) return Math.round(Number(match[1]) * units[match[2] as keyof typeof units])
  }
  throw new InfrastructureError(
    'invalid_argument',
    `${what}: ${JSON.stringify(size)} is no size. Give bytes, or text such as '512kb', '1mb'.`,
  )
}
