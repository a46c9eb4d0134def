import { escapeHtml } from 'portolan/rest'
import { type Html, raw } from '../html.ts'

/** WhatsApp's own marks (*bold*, _italic_, ~struck~, ```code```) and links, on escaped text. */
export function formatted(text: string): Html {
  const marked = escapeHtml(text)
    .replace(/```([\s\S]+?)```/g, '<code>$1</code>')
    .replace(mark('\\*'), '$1<strong>$2</strong>')
    .replace(mark('_'), '$1<em>$2</em>')
    .replace(mark('~'), '$1<s>$2</s>')
    .replace(
      /\bhttps?:\/\/[^\s<>&]+(?:&amp;[^\s<>&]+)*/g,
      address => `<a href="${address}" target="_blank" rel="noopener noreferrer">${address}</a>`,
    )
  return raw(marked)
}

/** Around a word or several, at the edges of words; never across lines. */
function mark(sign: string): RegExp {
  return new RegExp(`(^|[\\s(>])${sign}(\\S(?:[^\\n<]*?\\S)?)${sign}(?=$|[\\s).,!?:;<])`, 'gm')
}

/** In a line or two elsewhere: without the marks. */
export function plain(text: string): string {
  return text
    .replace(/```([\s\S]+?)```/g, '$1')
    .replace(mark('\\*'), '$1$2')
    .replace(mark('_'), '$1$2')
    .replace(mark('~'), '$1$2')
}
