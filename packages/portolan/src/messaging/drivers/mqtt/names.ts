import { plainName } from '../plain-name.ts'

/** What everything of one prefix is called in the broker. */
export function namesOf(prefix: string) {
  return {
    /** The session of a group's partition: a client id that whoever consumes it connects with. */
    session: (group: string, partition: number) => `${prefix}.${plainName(group)}.${partition}`,
    messages: (topic: string, partition: number) => `${prefix}/${partition}/${level(topic)}`,
    /** A retained message for each topic that a group is bound to. */
    binding: (group: string, topic: string) => `${prefix}/bindings/${plainName(group)}/${level(topic)}`,
    bindings: (group: string) => `${prefix}/bindings/${plainName(group)}/+`,
    /** Behind what was published before, in the session of a partition. */
    marker: (group: string, partition: number) => `${prefix}/markers/${plainName(group)}/${partition}`,
    /** A process's own. */
    replies: (id: string) => `${prefix}/replies/${id}`,
    checkpoint: `${prefix}/checkpoint`,
  }
}

export type Names = ReturnType<typeof namesOf>

/** The last level of a topic, as it was before it was made one. */
export function lastLevel(topic: string): string {
  const last = topic.slice(topic.lastIndexOf('/') + 1)
  try {
    return decodeURIComponent(last)
  } catch {
    return last
  }
}

/** Slashes would make further levels of it, and `+` and `#` are wildcards. */
function level(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}
