/** As it is given on a command line: `mail.replyTo` as `mail-reply-to`. */
export function flagName(name: string): string {
  return name.replaceAll('.', '-').replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}
