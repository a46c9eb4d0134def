/** At most `length` characters from the beginning; never half of one that takes two. */
export function head(text: string, length: number): string {
  if (text.length <= length) return text
  const last = text.charCodeAt(length - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length)
}

/** The same, with an ellipsis in place of what is left out. */
export function clip(text: string, length: number): string {
  return text.length <= length ? text : `${head(text, length - 1)}…`
}

/** The text without what no database stores: NUL characters and halves of letters become replacement characters. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd')
}
