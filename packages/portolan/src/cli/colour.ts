export function faint(text: string, colours: boolean): string {
  return colours ? `\u001B[90m${text}\u001B[0m` : text
}

export function red(text: string, colours: boolean): string {
  return colours ? `\u001B[31m${text}\u001B[0m` : text
}
