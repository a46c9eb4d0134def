/**
 * The plain decimal text of a number that JSON held. A double keeps 15 significant digits, and prints as the shortest text that
 * reads as itself, so a number that had no more than 15 comes back with the value that was written.
 */
export function plainDecimal(number: number): string {
  const text = String(number)
  const exponent = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (!exponent) return text
  const [, sign, head, tail = '', power] = exponent
  const digits = head! + tail
  const point = 1 + Number(power)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  if (point >= digits.length) return sign + digits.padEnd(point, '0')
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
}

/** Whether a text is a decimal number without an exponent. */
export const isDecimal = (text: string): boolean => /^-?\d+(\.\d+)?$/.test(text)
