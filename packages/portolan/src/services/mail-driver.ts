import type { InfrastructureError } from '../ports/errors.ts'
import type { Mail } from '../ports/mailer.ts'

/** What a driver must do: hand one mail over. The mail was checked above it. */
export interface MailDriver {
  /** As in `smtp`, for errors. */
  readonly name: string
  /** `messageId` goes into the header `Message-ID`, in its angle brackets. Rejects with the native error. */
  deliver(mail: Mail, messageId: string): Promise<void>
  /** What a native error means. */
  explain(error: unknown): InfrastructureError
  /** Releases connections. Called once, when nothing is being delivered any more. */
  close(): Promise<void>
}
