import { mapping, SqlRepository } from 'portolan/persistence'
import { Customer } from '../../domain/customer/customer.ts'
import type { CustomerRepository } from '../../domain/customer/customer-repository.ts'
import type { ShopTables } from './schema.ts'

const customers = mapping<ShopTables>()({
  table: 'customers',
  key: 'id',
  toRows: (customer: Customer) => ({
    root: {
      id: customer.id,
      wa_id: customer.waId,
      name: customer.name,
      email: customer.email,
      first_seen_at: customer.firstSeenAt.getTime(),
      last_seen_at: customer.lastSeenAt.getTime(),
    },
  }),
  fromRows: row =>
    Customer.restore({
      id: row.id,
      waId: row.wa_id,
      name: row.name,
      email: row.email,
      firstSeenAt: new Date(row.first_seen_at),
      lastSeenAt: new Date(row.last_seen_at),
    }),
})

export class SqlCustomerRepository extends SqlRepository(customers) implements CustomerRepository {}
