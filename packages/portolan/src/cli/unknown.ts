import { closest } from '../runtime/spelling.ts'

/** `There is no command 'confg'. Did you mean 'config'? There are: config.` */
export function unknownText(kind: string, name: string, names: readonly string[]): string {
  const near = closest(name, names)
  return `There is no ${kind} '${name}'.${near ? ` Did you mean '${near}'?` : ''} There are: ${names.join(', ')}.`
}
