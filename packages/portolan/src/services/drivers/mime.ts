import { domainToASCII } from 'node:url'
import type { Mail } from '../../ports/mailer.ts'

/** A mail as the wire carries it. */
export interface ComposedMail {
  readonly envelope: { readonly from: string; readonly to: readonly string[] }
  /** RFC 5322, with CRLF. */
  readonly raw: Buffer
}

/** Occurs in no base64, and text that holds it is sent as base64. */
const boundary = '=_portolan'

/**
 * Writes a mail that was checked before: headers in RFC 2047 where they are not plain ASCII; bodies as they are where they are short-lined
 * ASCII, else in base64. Written by hand because it takes a fraction of the time that nodemailer's streams take for it.
 */
export function composeMail(mail: Mail, messageId: string, now: number): ComposedMail {
  const [from, to, cc] = [mailbox(mail.from), mail.to.map(mailbox), (mail.cc ?? []).map(mailbox)]
  const headers = [
    `From: ${from.header}`,
    `To: ${to.map(({ header }) => header).join(',\r\n ')}`,
    ...(cc.length > 0 ? [`Cc: ${cc.map(({ header }) => header).join(',\r\n ')}`] : []),
    `Subject: ${isPlain(mail.subject) ? mail.subject : encodedWords(mail.subject)}`,
    `Message-ID: ${messageId}`,
    `Date: ${new Date(now).toUTCString().replace('GMT', '+0000')}`,
    'MIME-Version: 1.0',
  ]
  const text = part('text/plain', mail.text)
  const content =
    mail.html === undefined
      ? text
      : `Content-Type: multipart/alternative; boundary="${boundary}"\r\n\r\n--${boundary}\r\n${text}--${boundary}\r\n${part('text/html', mail.html)}--${boundary}--\r\n`
  return {
    envelope: { from: from.address, to: [...new Set([...to, ...cc].map(({ address }) => address))] },
    raw: Buffer.from(`${headers.join('\r\n')}\r\n${content}`),
  }
}

/** A body with its own headers; ends with a line break. */
function part(type: string, text: string): string {
  const plain = isSevenBit(text)
  const body = plain ? text.replace(/\r?\n/g, '\r\n') : base64(text)
  const encoding = plain ? '7bit' : 'base64'
  const end = body.endsWith('\r\n') ? '' : '\r\n'
  return `Content-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}${end}`
}

/** ASCII without control characters but tabs and line breaks, in lines that no server has to break (RFC 5322 §2.1.1). */
function isSevenBit(text: string): boolean {
  return /^(?:[\t\x20-\x7e]{0,900}\r?\n)*[\t\x20-\x7e]{0,900}$/.test(text) && !text.includes(boundary)
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\r\n')
}

/** An address, alone or in angle brackets behind a name. */
function mailbox(text: string): { readonly header: string; readonly address: string } {
  const open = text.lastIndexOf('<')
  const address = toAscii(open < 0 ? text : text.slice(open + 1, text.lastIndexOf('>')))
  const name =
    open < 0
      ? ''
      : text
          .slice(0, open)
          .trim()
          .replace(/^"(.*)"$/, '$1')
  if (name === '') return { header: address, address }
  return { header: `${isPlain(name) ? quoted(name) : encodedWords(name)} <${address}>`, address }
}

const quoted = (name: string): string =>
  /^[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]+$/.test(name) ? name : `"${name.replace(/["\\]/g, '\\$&')}"`

/** The domain of an address in the form that every server knows; what has none is left to the server to refuse. */
function toAscii(address: string): string {
  if (isPlain(address)) return address
  const at = address.lastIndexOf('@') + 1
  return address.slice(0, at) + (domainToASCII(address.slice(at)) || address.slice(at))
}

/** Printable ASCII that fits a line and cannot be taken for an encoded word. */
const isPlain = (text: string): boolean => /^[\x20-\x7e]{0,64}$/.test(text) && !text.includes('=?')

/** RFC 2047: words of at most 75 characters, each whole in its characters, folded. */
function encodedWords(text: string): string {
  const words: string[] = []
  let bytes: Buffer[] = []
  let size = 0
  const flush = () => {
    if (size > 0) words.push(`=?UTF-8?B?${Buffer.concat(bytes).toString('base64')}?=`)
    bytes = []
    size = 0
  }
  for (const character of text) {
    const encoded = Buffer.from(character)
    if (size + encoded.length > 45) flush()
    bytes.push(encoded)
    size += encoded.length
  }
  flush()
  return words.join('\r\n ')
}
