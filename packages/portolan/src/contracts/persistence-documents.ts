import { type Codec, oneOf } from '../persistence/codecs.ts'
import { mapping } from '../persistence/mapping.ts'
import type { DeletedOptions } from '../persistence/repository/mapped-repository.ts'
import { SqlRepository } from '../persistence/repository/sql-repository.ts'
import type { FindOptions } from '../ports/repository.ts'
import type { ContractTables } from './persistence-kit.ts'

/** An identity that is a value object. */
export class DocumentId {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** A value object; two of the same name and shade are the same. */
export interface Tag {
  readonly name: string
  readonly shade: 'light' | 'dark'
}

/** Has an identity of its own, unique among all documents. */
export interface Attachment {
  readonly code: string
  readonly size: number
}

/** An aggregate with private state and two collections. */
export class Document {
  readonly id: DocumentId
  /** What its rows told when it was loaded. */
  readonly history: History | undefined
  #title: string
  #tags: readonly Tag[] = []
  #attachments = new Map<string, Attachment>()

  constructor(id: string | DocumentId, title: string, history?: History) {
    this.id = typeof id === 'string' ? new DocumentId(id) : id
    this.#title = title
    this.history = history
  }

  get title(): string {
    return this.#title
  }

  get tags(): readonly Tag[] {
    return this.#tags
  }

  get attachments(): readonly Attachment[] {
    return [...this.#attachments.values()]
  }

  rename(title: string): this {
    this.#title = title
    return this
  }

  tag(...tags: readonly Tag[]): this {
    this.#tags = tags
    return this
  }

  attach(...attachments: readonly Attachment[]): this {
    for (const attachment of attachments) this.#attachments.set(attachment.code, attachment)
    return this
  }

  detach(code: string): Attachment {
    const attachment = this.#attachments.get(code)!
    this.#attachments.delete(code)
    return attachment
  }

  detachAll(): this {
    this.#attachments.clear()
    return this
  }
}

export interface History {
  readonly createdAt: number
  readonly createdBy: string | null
  readonly updatedAt: number
  readonly updatedBy: string | null
  readonly deletedAt: number | null
}

const documentId: Codec<DocumentId, string> = {
  encode: id => id.text,
  decode: stored => new DocumentId(stored),
}

export const documents = mapping<ContractTables>()({
  table: 'documents',
  key: 'id',
  softDelete: 'deleted_at',
  audit: {
    createdAt: 'created_at',
    createdBy: 'created_by',
    updatedAt: 'updated_at',
    updatedBy: 'updated_by',
  },
  children: {
    document_tags: { foreignKey: 'document_id', key: ['tag', 'shade'], orderBy: 'position' },
    attachments: { foreignKey: 'document_id', key: 'code' },
  },
  codecs: { documents: { id: documentId }, document_tags: { shade: oneOf('light', 'dark') } },
  toRows: (document: Document) => ({
    root: { id: document.id, title: document.title },
    document_tags: document.tags.map(({ name, shade }, position) => ({ tag: name, shade, position })),
    attachments: document.attachments.map(({ code, size }) => ({ code, size })),
  }),
  fromRows: (row, { document_tags, attachments }) =>
    new Document(row.id, row.title, {
      createdAt: row.created_at,
      createdBy: row.created_by,
      updatedAt: row.updated_at,
      updatedBy: row.updated_by,
      deletedAt: row.deleted_at,
    })
      .tag(...document_tags.map(({ tag, shade }) => ({ name: tag, shade })))
      .attach(...attachments.map(({ code, size }) => ({ code, size }))),
})

export class DocumentRepository extends SqlRepository(documents) {
  byId(id: string, options?: FindOptions & DeletedOptions): Promise<Document | undefined> {
    return this.find(new DocumentId(id), options)
  }

  titled(title: string, options?: FindOptions & DeletedOptions): Promise<Document | undefined> {
    return this.findOne(query => query.where('title', '=', title), options)
  }

  all(options?: FindOptions & DeletedOptions): Promise<Document[]> {
    return this.findAll(query => query.orderBy('title'), options)
  }

  listed(limit: number, after?: string, options: DeletedOptions = {}) {
    return this.page({ by: ['title'], limit, after, ...options })
  }

  each(options: DeletedOptions = {}): AsyncGenerator<Document> {
    return this.stream({ by: ['title'], ...options })
  }
}
