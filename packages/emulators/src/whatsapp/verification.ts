import { request } from 'undici'

/** Meta's handshake: asks the webhook to echo a challenge, which it does only for the right token. */
export async function verifyWebhook(
  webhookUrl: string | undefined,
  verifyToken: string,
  challenge: string,
): Promise<boolean> {
  if (webhookUrl === undefined) return false
  const url = new URL(webhookUrl)
  url.searchParams.set('hub.mode', 'subscribe')
  url.searchParams.set('hub.verify_token', verifyToken)
  url.searchParams.set('hub.challenge', challenge)
  try {
    const response = await request(url, { headersTimeout: 10_000, bodyTimeout: 10_000 })
    return (await response.body.text()) === challenge && response.statusCode === 200
  } catch {
    return false
  }
}
