import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startProgram, type TemporaryFolder, temporaryFolder } from '../harness/index.ts'

let folder: TemporaryFolder
before(async () => {
  folder = await temporaryFolder()
})
after(() => folder[Symbol.asyncDispose]())

/** Starts the shop with these settings and expects it to tell each of these things, and no secret. */
async function refused(
  env: Record<string, string>,
  told: readonly RegExp[],
  secrets: readonly string[] = [],
  args: readonly string[] = [],
) {
  await using program = startProgram('main.ts', args, { cwd: folder.path, env })
  assert.equal(await program.ended, 2, program.stderr)
  for (const text of told) assert.match(program.stderr, text)
  for (const secret of secrets) {
    assert.ok(!program.stderr.includes(secret) && !program.stdout.includes(secret), program.stderr)
  }
  assert.doesNotMatch(program.stderr, /^\s+at /m)
  assert.equal(program.stdout, '')
}

test('every mistake is told at once, with its key, where it is, and no secret', () =>
  refused(
    {
      ...{ PORT: 'three thousand', LOG_LEVEL: 'loud', STAFF_PASSWORD: 'hunter2' },
      ...{ EMULATORS: 'perhaps', DATABASE_URL: 'no url', EMULATORS_PORT: '70000' },
    },
    [
      /PORT[\s\S]*three thousand/,
      /LOG_LEVEL[\s\S]*loud/,
      /STAFF_PASSWORD/,
      /EMULATORS\b[\s\S]*perhaps/,
      /DATABASE_URL/,
      /EMULATORS_PORT[\s\S]*70000/,
    ],
    ['hunter2'],
  ))

test('a mistake in a flag is told of the flag that was given', () => {
  const args = ['--database', 'nowhere', '--broker', 'nobody', '--cache', 'nonsense']
  const told = [/in --database:/, /in --broker:/, /in --cache:/]
  return refused({}, told, ['nowhere', 'nobody', 'nonsense'], args)
})

test('a file of settings is read, and mistakes in it are told with their place', async () => {
  await writeFile(join(folder.path, '.env'), 'PORT=http\nWHATSAPP_TOKEN="a real token"\n')
  try {
    await refused({}, [/PORT[\s\S]*\.env/], ['a real token'])
  } finally {
    await writeFile(join(folder.path, '.env'), '')
  }
})

test('without emulators, the well-known secrets are refused and the real services are asked for', () =>
  refused(
    { EMULATORS: 'off', WHATSAPP_TOKEN: 'EAAG-real-token', PAYMENTS_API_KEY: 'sk-real-key' },
    [
      /WHATSAPP_APP_SECRET|whatsapp\.appSecret/,
      /WHATSAPP_VERIFY_TOKEN|whatsapp\.verifyToken/,
      /PAYMENTS_WEBHOOK_SECRET|payments\.webhookSecret/,
      /PAYMENTS_URL|payments\.baseUrl/,
      /MAIL_URL|mail\.url/,
    ],
    ['EAAG-real-token', 'sk-real-key'],
  ))

test('a shop that others can reach needs a password, and secrets that nobody knows', () =>
  refused({ HOST: '0.0.0.0' }, [/STAFF_PASSWORD/, /EMULATORS/]))

for (const [what, env, told] of [
  [
    'a database that nobody has a driver for',
    { DATABASE_URL: 'oracle://u:pa55word@db/shop' },
    /no database driver/,
  ],
  ['an unknown parameter', { DATABASE_URL: 'sqlite:x.db?journal=off' }, /'journal' is unknown/],
  ['files nowhere', { FILES_URL: 'ftp://u:pa55word@files' }, /ftp/],
  ['a mail server nowhere', { MAIL_URL: 'pigeon://u:pa55word@mail' }, /pigeon|MAIL_URL/],
] as const) {
  test(`${what} is told`, () => refused({ PORT: '0', EMULATORS_PORT: '0', ...env }, [told], ['pa55word']))
}
