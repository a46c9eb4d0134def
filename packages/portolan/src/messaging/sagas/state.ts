import { InfrastructureError } from '../../ports/errors.ts'
import type { SagaType, SagaView } from '../../ports/sagas.ts'
import { permanent } from '../../runtime/permanent.ts'
import { lifted } from '../../runtime/upcasting.ts'
import { check, issuesText, validate } from '../../runtime/validation.ts'
import type { StoredSaga } from './store.ts'

/** As JSON. @throws InfrastructureError `invalid_argument` for what the schema refuses or JSON has no form for. */
export async function writeState<State>(type: SagaType<State>, state: State): Promise<string> {
  const what = `The state of saga '${type.name}'`
  const text = JSON.stringify(await validate(type.state, state, what))
  if (text !== undefined) return text
  throw new InfrastructureError('invalid_argument', `${what} has no form in JSON.`)
}

export async function viewOf<State, Step extends string>(
  type: SagaType<State, Step>,
  stored: StoredSaga,
): Promise<SagaView<State, Step>> {
  return {
    id: stored.id,
    key: stored.key,
    status: stored.status,
    state: await readState<State>(type, stored),
    steps: stored.steps as readonly Step[],
    reason: stored.reason ?? undefined,
    startedAt: new Date(stored.startedAt),
    endedAt: stored.endedAt === null ? undefined : new Date(stored.endedAt),
  }
}

/** The state as the code has it now: lifted to the current version, and checked. What no retry will mend is marked as permanent. */
async function readState<State>(
  type: SagaType<State>,
  { key, state, stateVersion }: StoredSaga,
): Promise<State> {
  const what = `The state of saga '${type.name}' of ${JSON.stringify(key)}`
  if (stateVersion > type.version) {
    throw new InfrastructureError(
      'precondition_failed',
      `${what} is of version ${stateVersion}, newer than ${type.version}, the one known here. Deploy the newer code everywhere.`,
    )
  }
  const current = lifted(JSON.parse(state), stateVersion, type.version, type.upcasters)
  if (!current.ok) throw unreadable(`${what}: ${current.reason}`, current.cause)
  const result = await check(type.state, current.data)
  if (!result.ok) throw unreadable(`${what} is not valid: ${issuesText(result.issues)}`, undefined)
  return result.value
}

function unreadable(message: string, cause: unknown): Error {
  return permanent(new InfrastructureError('data_loss', message, { cause }))
}
