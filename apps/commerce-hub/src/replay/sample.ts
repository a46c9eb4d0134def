import { fileURLToPath } from 'node:url'

/** The invoices of two days; see `data/README.md`. */
export const bundledSample = fileURLToPath(new URL('../../data/online-retail-sample.csv.gz', import.meta.url))
