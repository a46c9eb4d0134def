import { InfrastructureError } from '../ports/errors.ts'
import type { MessageType } from '../ports/messages.ts'

/** The messages that an application knows, by name. */
export class MessageTypes {
  readonly #types = new Map<string, MessageType>()

  constructor(types: readonly MessageType[]) {
    for (const type of types) {
      if (this.#types.has(type.name)) {
        throw new InfrastructureError(
          'invalid_argument',
          `Two messages are called '${type.name}'. Rename one.`,
        )
      }
      this.#types.set(type.name, type)
    }
  }

  get(name: string): MessageType | undefined {
    return this.#types.get(name)
  }

  /** @throws InfrastructureError `invalid_argument` for a type that is unknown, or another one of the same name. */
  require(type: MessageType): void {
    const known = this.#types.get(type.name)
    if (known === type) return
    throw new InfrastructureError(
      'invalid_argument',
      known
        ? `The message '${type.name}' is not the one that createMessaging was given, but another of the same name.`
        : `The message '${type.name}' is unknown. Add it to \`messages\` of createMessaging.`,
    )
  }
}
