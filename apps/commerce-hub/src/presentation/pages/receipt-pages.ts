import type { Files } from 'portolan'
import { file, type Rest } from 'portolan/rest'
import type { OpenReceipt } from '../../application/fulfilment/open-receipt.ts'
import { notFound } from './layout.ts'

/** Receipts, as they lie in the shop's files. */
export function serveReceipts(
  rest: Rest,
  uses: { readonly files: Files; readonly openReceipt: OpenReceipt },
): void {
  const { files, openReceipt } = uses
  const serve = (format: 'html' | 'pdf') => async (id: string) => {
    const path = await openReceipt(id, format)
    return path === undefined ? notFound('Orders', `receipt of order ${id}`) : file(await files.read(path))
  }
  const [asHtml, asPdf] = [serve('html'), serve('pdf')]

  rest.page({ method: 'GET', path: '/receipts/:id', handler: ({ params }) => asHtml(params.id) })
  rest.page({ method: 'GET', path: '/receipts/:id/pdf', handler: ({ params }) => asPdf(params.id) })
}
