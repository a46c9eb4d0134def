/** Gives back the object that it is given, so that the fields of a class that extends it are added to that object. */
class Given {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: that is what it is for.
    return object
  }
}

/**
 * Something that one owner remembers about an object, as a private field of the object itself: nobody else can see it, frozen objects
 * take it as well, and it goes with the object. A WeakMap does the same at several times the cost, most of it in garbage collection.
 */
export class Stamp extends Given {
  readonly #owner: object
  #value: unknown

  private constructor(object: object, owner: object, value: unknown) {
    super(object)
    this.#owner = owner
    this.#value = value
  }

  /** What `owner` remembers; `undefined` when it is nothing. */
  static get<T>(object: object, owner: object): T | undefined {
    return #owner in object && object.#owner === owner ? (object.#value as T | undefined) : undefined
  }

  /** `false`: the object has the stamp of another owner, and there is room for one. */
  static set(object: object, owner: object, value: unknown): boolean {
    if (#owner in object) {
      if (object.#owner !== owner) return false
      object.#value = value
      return true
    }
    new Stamp(object, owner, value)
    return true
  }
}
