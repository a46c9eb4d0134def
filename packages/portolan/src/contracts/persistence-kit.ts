import type { Database, DomainEvent } from '../persistence/database.ts'
import type { ContractCase } from './contract.ts'

export interface PersistenceHarness extends AsyncDisposable {
  /** Empty, and nobody else's. */
  readonly database: Database
  /** The same data once more, as another process sees it. Only asked for where `shared` is declared. */
  another(): Promise<Database>
}

export type PersistenceCase = ContractCase<PersistenceHarness>

export interface ContractTables {
  carts: { id: string; customer: string; opened_at: number; version: number }
  cart_lines: { cart_id: string; sku: string; position: number; quantity: number }
  cart_notes: { cart_id: string; day: number; author: string; text: string | null }
  samples: {
    id: number
    flag: number
    at: number
    tags: string
    big: bigint
    price: string
    ratio: number
    bytes: Uint8Array
    maybe: number | null
    born: string
    weight: string
    token: string
    mood: string
    rank: number
    revision: number
  }
  documents: {
    id: string
    title: string
    created_at: number
    created_by: string | null
    updated_at: number
    updated_by: string | null
    deleted_at: number | null
    version: number
  }
  document_tags: { document_id: string; tag: string; shade: string; position: number }
  attachments: { code: string; document_id: string; size: number }
}

const tables = (bytes: string) => `
      create table carts (
        id varchar(64) not null primary key,
        customer varchar(100) not null,
        opened_at bigint not null,
        version integer not null
      );
      create table cart_lines (
        cart_id varchar(64) not null,
        sku varchar(32) not null,
        position integer not null,
        quantity integer not null,
        primary key (cart_id, sku),
        foreign key (cart_id) references carts (id),
        constraint quantity_positive check (quantity > 0)
      );
      create table cart_notes (
        cart_id varchar(64) not null,
        day integer not null,
        author varchar(32) not null,
        text varchar(200),
        primary key (cart_id, day, author),
        foreign key (cart_id) references carts (id)
      );
      create table samples (
        id bigint not null primary key,
        flag smallint not null,
        at bigint not null,
        tags text not null,
        big bigint not null,
        price varchar(40) not null,
        ratio double precision not null,
        bytes ${bytes} not null,
        maybe bigint,
        born varchar(10) not null,
        weight varchar(40) not null,
        token varchar(36) not null,
        mood varchar(16) not null,
        "rank" smallint not null,
        revision integer not null
      );
      create table documents (
        id varchar(32) not null primary key,
        title varchar(40) not null,
        created_at bigint not null,
        created_by varchar(32),
        updated_at bigint not null,
        updated_by varchar(32),
        deleted_at bigint,
        version integer not null,
        constraint documents_by_title unique (title)
      );
      create table document_tags (
        document_id varchar(32) not null references documents (id),
        tag varchar(32) not null,
        shade varchar(16) not null,
        position integer not null,
        primary key (document_id, tag, shade)
      );
      create table attachments (
        code varchar(32) not null primary key,
        document_id varchar(32) not null references documents (id),
        size bigint not null
      );
      create table numbers (n bigint not null primary key, note varchar(200) not null unique)`

const schema = [
  {
    name: '0001-contract',
    up: { sqlite: tables('blob'), postgres: tables('bytea'), mysql: tables('blob') },
  },
]

/** Makes the tables of the contract. */
export async function withTables(database: Database): Promise<Database> {
  await database.migrate('contract', schema)
  return database
}

/** A row of `numbers`. */
export async function add(database: Database, n: number, note = `number ${n}`): Promise<void> {
  await database.execute('INSERT INTO numbers (n, note) VALUES (?, ?)', [n, note])
}

export async function numbers(database: Database): Promise<number[]> {
  const rows = await database.query<{ n: number }>('SELECT n FROM numbers ORDER BY n')
  return rows.map(({ n }) => n)
}

/** Collects what repositories hand to the database's sink, as a broker would: committed or not, with the transaction. */
export function recorder(database: Database): DomainEvent[] {
  const committed: DomainEvent[] = []
  database.onEvents(async events => {
    database.afterCommit(() => {
      committed.push(...events)
    })
  })
  return committed
}
