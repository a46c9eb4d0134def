import type { Migration, MigrationSet } from 'portolan/persistence'

/** The shop's tables. Moments are milliseconds since the epoch, amounts are thousandths. `content` is the type of a long text. */
const tables = (content: string) => `
      create table products (
        sku varchar(32) primary key,
        name varchar(500) not null,
        search_text varchar(600) not null,
        price bigint not null,
        prices text not null,
        currency varchar(3) not null,
        stock bigint not null,
        version integer not null
      );
      create table customers (
        id varchar(131) primary key,
        wa_id varchar(131) not null,
        name varchar(200) not null,
        email varchar(254),
        first_seen_at bigint not null,
        last_seen_at bigint not null,
        version integer not null
      );
      create table carts (
        id varchar(36) primary key,
        customer_id varchar(131) not null,
        status varchar(16) not null,
        revision integer not null,
        source_message_id varchar(128),
        opened_at bigint not null,
        changed_at bigint not null,
        reminded_at bigint,
        version integer not null
      );
      create index carts_by_customer on carts (customer_id, status);
      create index carts_by_status on carts (status, changed_at);
      create table cart_lines (
        cart_id varchar(36) not null references carts (id),
        position integer not null,
        sku varchar(32) not null,
        name varchar(500) not null,
        unit_price bigint not null,
        currency varchar(3) not null,
        quantity integer not null,
        primary key (cart_id, position)
      );
      create table orders (
        id varchar(36) primary key,
        customer_id varchar(131) not null,
        cart_id varchar(36) not null,
        message_id varchar(128) not null,
        reference varchar(128) not null,
        status varchar(16) not null,
        total bigint not null,
        currency varchar(3) not null,
        ordered_at bigint not null,
        payment_id varchar(128),
        cancel_reason varchar(200),
        version integer not null
      );
      create index orders_by_customer on orders (customer_id, id);
      create index orders_by_reference on orders (reference);
      create table order_lines (
        order_id varchar(36) not null references orders (id),
        position integer not null,
        sku varchar(32) not null,
        name varchar(500) not null,
        unit_price bigint not null,
        currency varchar(3) not null,
        quantity integer not null,
        primary key (order_id, position)
      );
      create table order_steps (
        order_id varchar(36) not null,
        step varchar(16) not null,
        done_at bigint not null,
        primary key (order_id, step)
      );
      create table refunds (
        id varchar(36) primary key,
        reference varchar(128) not null unique,
        customer_id varchar(131) not null,
        order_id varchar(36),
        status varchar(16) not null,
        total bigint not null,
        currency varchar(3) not null,
        returned_at bigint not null,
        payment_id varchar(128),
        version integer not null
      );
      create index refunds_by_order on refunds (order_id);
      create table refund_lines (
        refund_id varchar(36) not null references refunds (id),
        position integer not null,
        sku varchar(32) not null,
        name varchar(500) not null,
        unit_price bigint not null,
        currency varchar(3) not null,
        quantity integer not null,
        primary key (refund_id, position)
      );
      create table chat_messages (
        id varchar(128) primary key,
        direction varchar(3) not null,
        customer_id varchar(131) not null,
        wa_id varchar(131) not null,
        name varchar(200),
        content ${content} not null,
        reply_to varchar(128),
        status varchar(16),
        wa_message_id varchar(128),
        reason varchar(500),
        sent_at bigint not null,
        logged_at bigint not null
      );
      create index chat_messages_by_customer on chat_messages (customer_id, logged_at);
      create index chat_messages_by_age on chat_messages (logged_at);
      create table sales_days (
        day varchar(10) primary key,
        orders integer not null,
        sales bigint not null,
        refunds integer not null,
        refunded bigint not null,
        currency varchar(3) not null
      );
      create table catalog_imports (
        reference varchar(200) primary key,
        begun_at bigint not null
      )`

const shopMigrations: readonly Migration[] = [
  {
    name: '0001-shop',
    up: {
      sqlite: tables('text'),
      postgres: tables('text'),
      mysql: tables('mediumtext'),
    },
  },
]

/** What the shop applies at its start, and `portolan migrate` from the command line. */
export const shopTables: MigrationSet = { namespace: 'shop', migrations: shopMigrations }

export interface LineTable {
  position: number
  sku: string
  name: string
  unit_price: number
  currency: string
  quantity: number
}

/** The tables, for queries. */
export interface ShopTables {
  products: {
    sku: string
    name: string
    /** Name and number in lower case. */
    search_text: string
    price: number
    /** All prices as decimal text, separated by spaces; the standard price first. */
    prices: string
    currency: string
    stock: number
    version: number
  }
  customers: {
    id: string
    wa_id: string
    name: string
    email: string | null
    first_seen_at: number
    last_seen_at: number
    version: number
  }
  carts: {
    id: string
    customer_id: string
    status: string
    revision: number
    source_message_id: string | null
    opened_at: number
    changed_at: number
    reminded_at: number | null
    version: number
  }
  cart_lines: LineTable & { cart_id: string }
  orders: {
    id: string
    customer_id: string
    cart_id: string
    message_id: string
    reference: string
    status: string
    total: number
    currency: string
    ordered_at: number
    payment_id: string | null
    cancel_reason: string | null
    version: number
  }
  order_lines: LineTable & { order_id: string }
  order_steps: { order_id: string; step: string; done_at: number }
  refunds: {
    id: string
    reference: string
    customer_id: string
    order_id: string | null
    status: string
    total: number
    currency: string
    returned_at: number
    payment_id: string | null
    version: number
  }
  refund_lines: LineTable & { refund_id: string }
  chat_messages: {
    id: string
    direction: string
    customer_id: string
    wa_id: string
    name: string | null
    /** JSON. */
    content: string
    reply_to: string | null
    /** Of outgoing messages. */
    status: string | null
    wa_message_id: string | null
    reason: string | null
    sent_at: number
    logged_at: number
  }
  sales_days: {
    day: string
    orders: number
    sales: number
    refunds: number
    refunded: number
    currency: string
  }
  catalog_imports: { reference: string; begun_at: number }
}
