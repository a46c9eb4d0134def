import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { createValidation } from '../../src/whatsapp/validation.ts'

const examples = JSON.parse(readFileSync(new URL('meta-examples.json', import.meta.url), 'utf8')) as {
  messages: Record<string, Record<string, unknown>>
  templates: Record<string, unknown>
}

/** Examples that are wrong in Meta's own file. */
const wrong: Readonly<Record<string, string>> = {
  'Send Reply to List Message': 'lacks its type',
  'Send Multi-Product Message': 'has a placeholder where the type of its header belongs',
}

test('Meta’s own examples of messages are accepted', () => {
  const validation = createValidation()
  let accepted = 0
  for (const [name, example] of Object.entries(examples.messages)) {
    if (name in wrong) continue
    // Placeholders stand where numbers belong.
    const message = 'to' in example ? { ...example, to: '16505551234' } : example
    const { error } = 'status' in message ? validation.mark(message) : validation.message(message)
    assert.equal(error, undefined, `${name}: ${JSON.stringify(error)}`)
    accepted += 1
  }
  assert.ok(accepted > 40, `${accepted} examples were found`)
})

test('Meta’s own examples of templates are accepted', () => {
  const validation = createValidation()
  for (const [name, example] of Object.entries(examples.templates)) {
    assert.equal(validation.template(example), undefined, name)
  }
})
