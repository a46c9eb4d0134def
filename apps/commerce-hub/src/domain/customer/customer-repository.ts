import type { Customer } from './customer.ts'

export interface CustomerRepository {
  find(id: string): Promise<Customer | undefined>
  get(id: string): Promise<Customer>
  save(customer: Customer): Promise<void>
}
