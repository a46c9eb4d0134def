import type { Surroundings } from 'portolan/runtime'
import PostalMime, { type Address } from 'postal-mime'
import { createFaults, type Faults } from '../faults/faults.ts'
import { createFeed, type Feed } from '../feed.ts'
import type { Store } from '../store/store.ts'
import { type MailFaults, mailFaults } from './faults.ts'
import { createInbox, type MailRow } from './inbox.ts'
import { createSmtpServer } from './smtp.ts'

/** A received mail. */
export interface ReceivedMail {
  /** The Message-ID, without its angle brackets. */
  readonly id: string
  readonly seq: number
  /** The address of its header, as are `to` and `cc`. */
  readonly from: string
  readonly to: readonly string[]
  readonly cc: readonly string[]
  /** Of the envelope: who got it. */
  readonly recipients: readonly string[]
  readonly subject: string
  readonly text: string
  /** As it was sent: never show it outside of a sandbox. */
  readonly html?: string
  readonly attachments: readonly {
    readonly filename: string
    readonly mimeType: string
    readonly size: number
  }[]
  readonly at: Date
  /** How often it came. */
  readonly deliveries: number
  /** The source. */
  readonly raw: string
}

export interface MailList {
  /** Only those before the one with this `seq`. */
  readonly before?: number
  /** Default 50. */
  readonly limit?: number
}

/** An SMTP server that keeps everything and forwards nothing. */
export interface MailInbox {
  /** `smtp://host:port`. */
  readonly url: string
  readonly faults: Faults<MailFaults>
  /** The id of each mail that arrives. */
  readonly events: Feed<string>
  /** Newest first. Parsed when it is asked for. */
  list(query?: MailList): Promise<ReceivedMail[]>
  /** Mails, not deliveries. */
  count(): number
  get(id: string): Promise<ReceivedMail | undefined>
  /** Whether it came, without reading it. */
  has(id: string): boolean
}

export function createMail(store: Store, host: string, port: number, surroundings: Surroundings) {
  const inbox = createInbox(store)
  const events = createFeed<string>()
  const faults = createFaults<MailFaults>(mailFaults)
  const smtp = createSmtpServer({
    ...surroundings,
    ...{ host, port },
    faults: () => faults.current,
    async received({ id, sender, recipients, raw }) {
      inbox.put(id, sender, JSON.stringify(recipients), surroundings.clock.now(), raw)
      await store.committed()
      events.publish(id)
    },
  })

  const facade: MailInbox = {
    get url() {
      return smtp.url
    },
    faults,
    events,
    list: ({ before = Number.MAX_SAFE_INTEGER, limit = 50 } = {}) =>
      Promise.all(inbox.latest(before, limit).map(parse)),
    count: inbox.count,
    has: inbox.has,
    async get(id) {
      const row = inbox.find(id)
      return row && parse(row)
    },
  }
  return { facade, start: () => smtp.start(), stop: () => smtp.stop() }
}

async function parse(row: MailRow): Promise<ReceivedMail> {
  const mail = await PostalMime.parse(row.raw)
  return {
    id: row.id,
    seq: row.seq,
    from: mail.from?.address ?? row.sender,
    to: addresses(mail.to),
    cc: addresses(mail.cc),
    recipients: JSON.parse(row.recipients),
    subject: mail.subject ?? '',
    text: mail.text ?? '',
    ...(mail.html !== undefined && { html: mail.html }),
    attachments: mail.attachments.map(({ filename, mimeType, content }) => ({
      filename: filename ?? 'attachment',
      mimeType,
      size: typeof content === 'string' ? content.length : content.byteLength,
    })),
    at: new Date(row.at),
    deliveries: row.deliveries,
    raw: Buffer.from(row.raw).toString('utf8'),
  }
}

function addresses(given: readonly Address[] | undefined): string[] {
  return (given ?? []).flatMap(item => (item.group ? addresses(item.group) : (item.address ?? [])))
}
