import type { ProductRepository } from '../../domain/catalog/product-repository.ts'
import { ShopError } from '../../domain/shop-error.ts'
import type { ProductSearch } from '../ports/product-search.ts'
import type { PlaceOrder } from '../shopping/place-order.ts'
import type { Shopping } from '../shopping/shopping.ts'
import * as answers from './answers.ts'
import type { CommandHandler } from './handle-message.ts'

/** What the shop does and says for each command. */
export function createRespond(uses: {
  readonly products: ProductRepository
  readonly productSearch: ProductSearch
  readonly shopping: Shopping
  readonly placeOrder: PlaceOrder
}): CommandHandler {
  const { products, productSearch, shopping, placeOrder } = uses
  return async (command, customer, message) => {
    switch (command.kind) {
      case 'menu':
        return answers.menu(customer.name, await productSearch.popular(answers.rowsPerPage))
      case 'help':
        return answers.help()
      case 'search': {
        if (!Number.isSafeInteger(command.offset)) return answers.help()
        const page = { limit: answers.rowsPerPage + 1, offset: command.offset }
        return answers.searchResults(
          command.text,
          command.offset,
          await productSearch.search(command.text, page),
        )
      }
      case 'show': {
        const product = await products.find(command.sku)
        if (!product) throw new ShopError('unknown_product', `There is no product ${command.sku}.`)
        return answers.productCard(product)
      }
      case 'add':
        return answers.cartContents(await shopping.add(customer.id, command.sku, command.quantity))
      case 'remove':
        return answers.cartContents(await shopping.remove(customer.id, command.sku))
      case 'clear':
        return answers.cartContents(await shopping.clear(customer.id))
      case 'cart':
        return answers.cartContents(await shopping.current(customer.id))
      case 'checkout':
        return answers.checkoutPrompt(await shopping.checkOut(customer.id))
      case 'order':
        return answers.checkoutPrompt(await shopping.takeOrder(customer.id, message.id, command.items))
      case 'pay':
        // The answer follows when the payment has gone through, or has not.
        await placeOrder({
          customerId: customer.id,
          cartId: command.cartId,
          revision: command.revision,
          messageId: message.id,
          orderedAt: message.sentAt,
        })
        return undefined
      case 'cancel':
        await shopping.cancel(customer.id, command.cartId)
        return answers.text('Cancelled. Send "menu" whenever you like to look around.')
      case 'return':
        return answers.text(
          'Send it back to us. As soon as it is here, your money follows, and you hear from us.',
        )
      case 'email':
        customer.setEmail(command.address)
        return answers.text(`Thank you. Receipts go to ${command.address}.`)
      case 'not_understood':
        return answers.text('Sorry, I did not understand that. Send "help" to see what I can do.')
    }
  }
}
