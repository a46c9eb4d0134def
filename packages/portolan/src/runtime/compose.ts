import { InfrastructureError } from '../ports/errors.ts'
import { type Application, type Declaration, type StartOptions, startApplication } from './application.ts'

/** Makes one service from those that were added before it. May be async. */
export type Factory<Services, Service> = (services: Services) => Service

/** Replacements for services, by name. They belong to the caller: never started, never stopped. */
export type Overrides<Services> = { readonly [Name in keyof Services]?: Services[Name] }

/** The services of an application, in the order in which they are made. Immutable: `add` returns a new one. */
export interface Composer<Services extends object> {
  readonly name: string
  /**
   * Adds a service. `factory` gets those that were added before; using another, or adding a name twice, is a compile error (and
   * `invalid_argument` at run time). What it makes may have `start`, `drain`, `stop` and `health` (see {@link Service}); without `stop`,
   * its `Symbol.asyncDispose` or `Symbol.dispose` releases it. An object that is added under two names is started and stopped once.
   */
  add<const Name extends string, Made>(
    name: Name extends keyof Services ? AlreadyAdded<Name> : Name,
    factory: Factory<Services, Made>,
  ): Composer<Services & { readonly [Key in Name]: Awaited<Made> }>
  /**
   * Makes every service and then calls `start` on each, both in order of declaration. When one fails, what was opened is released in
   * reverse, and it rejects with an error that names the service.
   */
  start(overrides?: Overrides<Services>, options?: StartOptions): Promise<Application<Services>>
}

/** What the compiler shows when a name is taken. */
export type AlreadyAdded<Name extends string> = `'${Name}' was added already`

/**
 * Begins the composition of an application.
 *
 * @example
 * const shop = compose('shop')
 *   .add('database', () => openDatabase('sqlite:shop.db'))
 *   .add('carts', ({ database }) => new SqlCarts(database))
 *
 * await using app = await shop.start()
 * await app.services.carts.get('42')
 */
export function compose(name: string): Composer<Record<never, never>> {
  return composer(name, [])
}

function composer<Services extends object>(
  name: string,
  declarations: readonly Declaration[],
): Composer<Services> {
  return {
    name,
    add(service: string, factory: Factory<Services, unknown>) {
      if (declarations.some(declaration => declaration.name === service)) {
        throw new InfrastructureError(
          'invalid_argument',
          `${name}: '${service}' was added already. Give the second one another name.`,
        )
      }
      // The declarations are a list, which has no type for each name; only `add` writes to it, and its signature has the types.
      return composer(name, [...declarations, { name: service, factory: factory as Declaration['factory'] }])
    },
    start: (overrides, options) =>
      startApplication<Services>(name, declarations, { ...overrides } as Record<string, unknown>, options),
  }
}
