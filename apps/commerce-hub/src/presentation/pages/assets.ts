import { readFile } from 'node:fs/promises'
import { file, type Rest } from 'portolan/rest'

const assets = [
  ['/assets/staff.css', 'staff.css', 'text/css; charset=utf-8'],
  ['/assets/live.js', 'live.js', 'text/javascript; charset=utf-8'],
  ['/assets/icon.svg', 'icon.svg', 'image/svg+xml'],
  // Where browsers look for the icon of what names none: receipts, and the page of the API.
  ['/favicon.ico', 'icon.svg', 'image/svg+xml'],
] as const

/** Style, script and icon of the pages: small, read when they are asked for. */
export function serveAssets(rest: Rest): void {
  for (const [path, name, contentType] of assets) {
    rest.page({
      method: 'GET',
      path,
      handler: async () => {
        const bytes = await readFile(new URL(`./assets/${name}`, import.meta.url))
        return file(bytes, contentType, { headers: { 'cache-control': 'no-cache' } })
      },
    })
  }
}
