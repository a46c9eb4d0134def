import { isPlain } from './plain.ts'

export type Copier = (value: unknown) => unknown

/** Of forms that have a function of their own. Beyond it, values are copied step by step, like those of forms that never come again. */
const mostForms = 500
/** Larger values are copied step by step. */
const mostParts = 100

/**
 * Functions that each copy values of one form: of the same keys, at each depth. One whole object written out is made several times faster
 * than one of keys that are looked up. Where code may not be made from text (a browser's content security policy), all are copied step by step.
 */
export class Copiers {
  readonly #stepByStep: Copier
  readonly #byForm = new Map<string, Copier>()

  /** `stepByStep` copies whatever can be kept. */
  constructor(stepByStep: Copier) {
    this.#stepByStep = stepByStep
  }

  /** For this value, which must not change as long as the function is used. */
  of(value: unknown): Copier {
    const form = new Form().of(value, 'v')
    const known = this.#byForm.get(form)
    if (known || this.#byForm.size >= mostForms || form === 'copy(v)') return known ?? this.#stepByStep
    const made = this.#make(form)
    this.#byForm.set(form, made)
    return made
  }

  #make(form: string): Copier {
    try {
      return new Function('copy', `return v => (${form})`)(this.#stepByStep) as Copier
    } catch {
      return this.#stepByStep
    }
  }
}

/** The expression that copies a value is also what tells its form. Keys stand in it as JSON, so they stay data. */
class Form {
  #parts = 0

  of(value: unknown, at: string): string {
    if (isPlain(value)) return at
    if (++this.#parts > mostParts) return `copy(${at})`
    if (Array.isArray(value)) return this.#ofArray(value, at)
    if (Object.getPrototypeOf(value) !== Object.prototype) return `copy(${at})`
    const keys = Object.keys(value as object)
    // As a key of a literal it would be something else.
    if (keys.length > mostParts || keys.includes('__proto__')) return `copy(${at})`
    const members = keys.map(key => {
      const name = JSON.stringify(key)
      return `${name}:${this.of((value as Record<string, unknown>)[key], `${at}[${name}]`)}`
    })
    return `{${members.join()}}`
  }

  /** Whose members are all of one form. */
  #ofArray(array: readonly unknown[], at: string): string {
    if (array.every(isPlain)) return `${at}.slice()`
    if (array.length > mostParts) return `copy(${at})`
    const [first, ...others] = array.map(each => this.of(each, 'e'))
    return others.every(each => each === first) ? `${at}.map(e=>(${first}))` : `copy(${at})`
  }
}
