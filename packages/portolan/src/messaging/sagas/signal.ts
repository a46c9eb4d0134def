import type { MessageType } from '../../ports/messages.ts'

/** What a saga sends to itself. `id` is that of the saga: another one of the same key is not meant. */
export type Signal =
  | {
      readonly kind: 'timeout'
      readonly key: string
      readonly id: string
      readonly name: string
      readonly token: string
    }
  | { readonly kind: 'undo'; readonly key: string; readonly id: string; readonly step: string }

/** The group of a saga, and the type of what it sends to itself: addressed to the group, it never leaves the database. */
export function groupOf(saga: string): string {
  return `saga.${saga}`
}

export function signalType(saga: string): MessageType<Signal> {
  return {
    kind: 'message',
    name: groupOf(saga),
    version: 1,
    schema: {
      '~standard': {
        version: 1,
        vendor: 'portolan',
        validate: value =>
          isSignal(value) ? { value } : { issues: [{ message: 'expected what a saga sends to itself' }] },
      },
    },
    upcasters: {},
  }
}

function isSignal(value: unknown): value is Signal {
  const { kind, key, id } = (value ?? {}) as Partial<Signal>
  return (kind === 'timeout' || kind === 'undo') && typeof key === 'string' && typeof id === 'string'
}
