// Checked by the compiler alone: each line after `@ts-expect-error` must be refused, for the reason beside it.
import type { Repository } from 'portolan'
import {
  type Codec,
  type Database,
  decimal,
  instant,
  json,
  mapping,
  oneOf,
  SqlRepository,
} from 'portolan/persistence'

type CartId = string & { readonly brand: 'CartId' }

interface Tables {
  carts: { id: CartId; customer: string; opened_at: number; closed_at: number | null; version: number }
  lines: { cart_id: string; sku: string; quantity: number }
  notes: { cart_id: string; day: number; text: string | null }
  logs: { id: string; text: string }
  papers: {
    id: string
    title: string
    pages: number
    made_at: number
    made_by: string | null
    changed_at: number
    deleted_at: number | null
    version: number
  }
}

class Cart {
  readonly id: CartId
  readonly #openedAt: Date

  constructor(id: CartId, openedAt: Date) {
    this.id = id
    this.#openedAt = openedAt
  }

  get openedAt(): Date {
    return this.#openedAt
  }
}

const root = (cart: Cart) => ({ id: cart.id, customer: 'ada', opened_at: 0, closed_at: null })
const toRows = (cart: Cart) => ({ root: root(cart) })
const fromRows = ({ id }: { id: CartId }) => new Cart(id, new Date())

const carts = mapping<Tables>()({
  table: 'carts',
  key: 'id',
  children: { lines: { foreignKey: 'cart_id', key: ['sku'], orderBy: 'quantity' } },
  codecs: { carts: { opened_at: instant, closed_at: instant } },
  toRows: (cart: Cart) => ({
    root: { ...root(cart), opened_at: cart.openedAt },
    lines: [{ sku: 'tea', quantity: 1 }],
  }),
  fromRows: (row, children) => {
    const closed: Date | null = row.closed_at
    const version: number = row.version
    const quantity: number | undefined = children.lines[0]?.quantity
    void [closed, version, quantity]
    // @ts-expect-error A column with a codec is not what is stored.
    const stored: number = row.opened_at
    // @ts-expect-error There is no such child.
    void [stored, children.logs]
    // @ts-expect-error There is no such column.
    void row.nothing
    // @ts-expect-error Rows are only read.
    row.customer = 'eve'
    return new Cart(row.id, row.opened_at)
  },
})

/** What an application sees of it. */
interface CartRepository extends Repository<Cart, CartId> {
  of(customer: string): Promise<Cart | undefined>
}

export class Carts extends SqlRepository(carts) implements CartRepository {
  of(customer: string): Promise<Cart | undefined> {
    return this.findOne(query => query.where('customer', '=', customer), { lock: 'update' })
  }

  wrong() {
    // @ts-expect-error There is no such column.
    void this.findOne(query => query.where('custmer', '=', 'x'))
    // @ts-expect-error The column holds text.
    void this.findOne(query => query.where('customer', '=', 5))
    // @ts-expect-error Pages are ordered by columns.
    void this.page({ by: ['nothing'], limit: 1 })
    // @ts-expect-error A column that may be NULL cannot decide an order.
    void this.page({ by: ['closed_at'], limit: 1 })
    // @ts-expect-error There are two directions.
    void this.page({ by: [['customer', 'up']], limit: 1 })
    // @ts-expect-error A page has a limit.
    void this.page({ by: ['customer'] })
    // @ts-expect-error Pages are not locked.
    void this.page({ limit: 1, lock: 'update' })
    // @ts-expect-error Nothing is kept that was deleted.
    void this.findAll(query => query, { includeDeleted: true })
  }
}

export async function use(database: Database, id: CartId): Promise<void> {
  const repository = new Carts(database)
  const cart: Cart = await repository.get(id, { lock: 'update' })
  await repository.save(cart)
  // @ts-expect-error Another kind of id.
  await repository.get('plain')
  // @ts-expect-error Another kind of id among others.
  await repository.findMany([id, 'plain'])
  // @ts-expect-error There is one kind of lock.
  await repository.get(id, { lock: 'share' })
  // @ts-expect-error Options, not a flag.
  await repository.get(id, true)
  // @ts-expect-error Not an aggregate of this repository.
  await repository.save({ id })
  // @ts-expect-error Queries belong to the classes that extend it.
  await repository.findOne(query => query)
  // @ts-expect-error What is deleted is gone.
  await repository.restore(cart)
  // @ts-expect-error Nothing is kept that was deleted.
  await repository.find(id, { includeDeleted: true })
  // @ts-expect-error The actor is asked for at each write.
  void new Carts(database, { actor: 'ada' })
  // @ts-expect-error Booleans need a codec.
  await database.execute('SELECT ?', [true])
}

// --- names of tables, columns and children

// @ts-expect-error There is no such table.
mapping<Tables>()({ table: 'nowhere', key: 'id', toRows, fromRows })
// @ts-expect-error There is no such key.
mapping<Tables>()({ table: 'carts', key: 'nope', toRows, fromRows })
// @ts-expect-error There is no such version.
mapping<Tables>()({ table: 'carts', key: 'id', version: 'revision', toRows, fromRows })
mapping<Tables>()(
  // @ts-expect-error Nothing counts the changes of this table.
  { table: 'logs', key: 'id', toRows: (cart: Cart) => ({ root: { id: cart.id, text: '' } }), fromRows },
)
mapping<Tables>()({
  table: 'carts',
  key: 'id',
  // @ts-expect-error There is no such foreign key.
  children: { lines: { foreignKey: 'cart', key: 'sku' } },
  fromRows,
  // @ts-expect-error And so the rows do not fit.
  toRows: (cart: Cart) => ({ root: root(cart), lines: [] }),
})
mapping<Tables>()({
  table: 'carts',
  key: 'id',
  // @ts-expect-error There is no such table of children.
  children: { rows: { foreignKey: 'cart_id', key: 'sku' } },
  // @ts-expect-error And so the rows do not fit.
  toRows,
  fromRows,
})
mapping<Tables>()({
  table: 'carts',
  key: 'id',
  // @ts-expect-error Children are told apart by columns of their own.
  children: { notes: { foreignKey: 'cart_id', key: ['day', 'customer'] } },
  fromRows,
  // @ts-expect-error And so the rows do not fit.
  toRows: (cart: Cart) => ({ root: root(cart), notes: [] }),
})

// --- rows

mapping<Tables>()({
  table: 'carts',
  key: 'id',
  // @ts-expect-error A column is missing.
  toRows: ({ id }: Cart) => ({ root: { id, customer: 'ada', opened_at: 0 } }),
  fromRows,
})
mapping<Tables>()({
  table: 'carts',
  key: 'id',
  // @ts-expect-error A column too many.
  toRows: (cart: Cart) => ({ root: { ...root(cart), colour: 'red' } }),
  fromRows,
})
mapping<Tables>()({
  table: 'carts',
  key: 'id',
  // @ts-expect-error The version belongs to the repository.
  toRows: (cart: Cart) => ({ root: { ...root(cart), version: 1 } }),
  fromRows,
})
mapping<Tables>()({
  table: 'carts',
  key: 'id',
  // @ts-expect-error The column holds text.
  toRows: (cart: Cart) => ({ root: { ...root(cart), customer: 5 } }),
  fromRows,
})
mapping<Tables>()({
  table: 'carts',
  key: 'id',
  // @ts-expect-error The column must not be empty.
  toRows: (cart: Cart) => ({ root: { ...root(cart), customer: null } }),
  fromRows,
})
mapping<Tables>()({
  table: 'carts',
  key: 'id',
  children: { lines: { foreignKey: 'cart_id', key: 'sku' } },
  // @ts-expect-error The children are missing.
  toRows,
  fromRows,
})
mapping<Tables>()({
  table: 'carts',
  key: 'id',
  // @ts-expect-error Rows of a table that is no child.
  toRows: (cart: Cart) => ({ root: root(cart), lines: [{ sku: 'tea', quantity: 1 }] }),
  fromRows,
})
mapping<Tables>()({
  table: 'carts',
  key: 'id',
  children: { lines: { foreignKey: 'cart_id', key: 'sku' } },
  // @ts-expect-error A column of a child is missing.
  toRows: (cart: Cart) => ({ root: root(cart), lines: [{ sku: 'tea' }] }),
  fromRows,
})
mapping<Tables>()({
  table: 'carts',
  key: 'id',
  children: { lines: { foreignKey: 'cart_id', key: 'sku' } },
  // @ts-expect-error The foreign key belongs to the repository.
  toRows: (cart: Cart) => ({ root: root(cart), lines: [{ cart_id: 'c', sku: 'tea', quantity: 1 }] }),
  fromRows,
})
mapping<Tables>()({
  table: 'carts',
  key: 'id',
  toRows,
  // @ts-expect-error This is another aggregate.
  fromRows: () => new Date(),
})
mapping<Tables>()({
  table: 'carts',
  key: 'id',
  toRows,
  fromRows,
  // @ts-expect-error Events have a type and data.
  events: () => [{ name: 'cart.opened' }],
})

// --- codecs

mapping<Tables>()({
  table: 'carts',
  key: 'id',
  codecs: { carts: { opened_at: instant } },
  // @ts-expect-error The codec wants a date.
  toRows,
  fromRows,
})
mapping<Tables>()({
  table: 'carts',
  key: 'id',
  // @ts-expect-error The codec stores a number, the column holds text.
  codecs: { carts: { customer: instant } },
  fromRows,
  toRows,
})
mapping<Tables>()({
  table: 'carts',
  key: 'id',
  // @ts-expect-error The codec stores text, the column holds a number.
  codecs: { carts: { opened_at: decimal(2) } },
  fromRows,
  toRows,
})
mapping<Tables>()({
  table: 'carts',
  key: 'id',
  // @ts-expect-error There is no such column.
  codecs: { carts: { colour: json<string>() } },
  fromRows,
  toRows,
})
mapping<Tables>()({
  table: 'carts',
  key: 'id',
  // @ts-expect-error There is no such table.
  codecs: { baskets: { opened_at: instant } },
  fromRows,
  toRows,
})
mapping<Tables>()({
  table: 'carts',
  key: 'id',
  codecs: { carts: { customer: oneOf('ada', 'bob') } },
  // @ts-expect-error None of the choices.
  toRows: (cart: Cart) => ({ root: { ...root(cart), customer: 'eve' } }),
  fromRows,
})

/** An id that is a value object. */
class PaperId {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}
const paperId: Codec<PaperId, string> = { encode: ({ text }) => text, decode: text => new PaperId(text) }

// --- what the repository keeps

interface Paper {
  readonly id: PaperId
  readonly title: string
  readonly pages: number
}
const paperRow = ({ title, pages }: Paper) => ({ id: 'p', title, pages })
const papersKept = { made_at: 0, made_by: null, changed_at: 0 }
const paperOf = (row: { title: string; pages: number }): Paper => ({ id: new PaperId('p'), ...row })

const papers = mapping<Tables>()({
  table: 'papers',
  key: 'id',
  softDelete: 'deleted_at',
  audit: { createdAt: 'made_at', createdBy: 'made_by', updatedAt: 'changed_at' },
  codecs: { papers: { id: paperId } },
  toRows: ({ id, title, pages }: Paper) => ({ root: { id, title, pages } }),
  fromRows: ({ id, title, pages, deleted_at, made_by }): Paper => {
    const when: number | null = deleted_at
    const who: string | null = made_by
    void [when, who]
    return { id, title, pages }
  },
})

export class Papers extends SqlRepository(papers) {
  all() {
    return this.findAll(query => query, { includeDeleted: true, lock: 'update' })
  }
}

export async function usePapers(database: Database): Promise<void> {
  const repository = new Papers(database, { actor: () => 'ada' })
  const paper = await repository.get(new PaperId('p'), { includeDeleted: true })
  await repository.restore(paper)
  await repository.purge(paper)
  // @ts-expect-error Ids are what the codec of the key decodes to.
  await repository.get('p')
  // @ts-expect-error An option that does not exist.
  await repository.find(paper.id, { deleted: true })
}

mapping<Tables>()({
  table: 'papers',
  key: 'id',
  // @ts-expect-error Who is not deleted has no such moment: the column must be able to hold NULL.
  softDelete: 'made_at',
  // @ts-expect-error And so the rows do not fit.
  toRows: (paper: Paper) => ({ root: { ...paperRow(paper), ...papersKept, deleted_at: null } }),
  fromRows: paperOf,
})
mapping<Tables>()({
  table: 'papers',
  key: 'id',
  // @ts-expect-error The column holds text.
  softDelete: 'made_by',
  // @ts-expect-error And so the rows do not fit.
  toRows: (paper: Paper) => ({ root: { ...paperRow(paper), ...papersKept, deleted_at: null } }),
  fromRows: paperOf,
})
mapping<Tables>()({
  table: 'papers',
  key: 'id',
  // @ts-expect-error There is no such column.
  softDelete: 'removed_at',
  // @ts-expect-error And so the rows do not fit.
  toRows: (paper: Paper) => ({ root: { ...paperRow(paper), ...papersKept, deleted_at: null } }),
  fromRows: paperOf,
})
mapping<Tables>()({
  table: 'papers',
  key: 'id',
  softDelete: 'deleted_at',
  // @ts-expect-error The column belongs to the repository.
  toRows: (paper: Paper) => ({ root: { ...paperRow(paper), ...papersKept, deleted_at: null } }),
  fromRows: paperOf,
})
mapping<Tables>()({
  table: 'papers',
  key: 'id',
  // @ts-expect-error Moments are numbers, the column holds text.
  audit: { createdAt: 'title' },
  // @ts-expect-error And so the rows do not fit.
  toRows: (paper: Paper) => ({ root: { ...paperRow(paper), ...papersKept, deleted_at: null } }),
  fromRows: paperOf,
})
mapping<Tables>()({
  table: 'papers',
  key: 'id',
  // @ts-expect-error Names are text, the column holds a number.
  audit: { updatedBy: 'changed_at' },
  // @ts-expect-error And so the rows do not fit.
  toRows: (paper: Paper) => ({ root: { ...paperRow(paper), ...papersKept, deleted_at: null } }),
  fromRows: paperOf,
})
mapping<Tables>()({
  table: 'papers',
  key: 'id',
  // @ts-expect-error There is no such stamp.
  audit: { deletedBy: 'made_by' },
  // @ts-expect-error And so the rows do not fit.
  toRows: (paper: Paper) => ({ root: { ...paperRow(paper), ...papersKept, deleted_at: null } }),
  fromRows: paperOf,
})
mapping<Tables>()({
  table: 'papers',
  key: 'id',
  audit: { createdAt: 'made_at' },
  // @ts-expect-error The column belongs to the repository.
  toRows: (paper: Paper) => ({ root: { ...paperRow(paper), ...papersKept, deleted_at: null } }),
  fromRows: paperOf,
})
