/** Whether a missing engine must fail the tests that need it instead of skipping them. */
export function enginesRequired(env: NodeJS.ProcessEnv = process.env): boolean {
  return env.PORTOLAN_ENGINES === 'required'
}
