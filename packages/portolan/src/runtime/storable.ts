/** Text from anywhere, as every database takes it: without NUL and halves of characters. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}
