/**
 * Fields that are never written, whatever logs them: secrets, and personal data. A field matches when its name ends with one of these words;
 * case, `-`, `_` and the `s` of a plural do not count, so that `whatsapp_access_token` and `customerPhone` are among them.
 *
 * Not every personal field can be known by its name. Log the id of a customer, order or message, and never these: names, postal and IP
 * addresses, what somebody wrote (`text`, `body`), whole requests, responses or payloads.
 */
export const sensitiveFields: readonly string[] = [
  // Secrets
  'password',
  'passwd',
  'passphrase',
  'secret',
  'token',
  'authorization',
  'cookie',
  'credential',
  'apiKey',
  'accessKey',
  'secretKey',
  'privateKey',
  'signingKey',
  'encryptionKey',
  'signature',
  // Personal data
  'phone',
  'phoneNumber',
  'msisdn',
  'waId',
  'email',
  'emailAddress',
  'firstName',
  'lastName',
  'fullName',
  'customerName',
  'street',
  'postalCode',
  'birthDate',
  'dateOfBirth',
  'iban',
  'cardNumber',
  'cvc',
  'cvv',
]

/**
 * Whether a field must not be written, by its name and those of the fields around it. `added` are more words, or paths such as
 * `customer.address`, which match the end of a field's path.
 */
export function sensitiveField(
  added: readonly string[] = [],
): (name: string, around: readonly string[]) => boolean {
  const words = [...sensitiveFields, ...added.filter(entry => !entry.includes('.'))].map(normalized)
  const paths = added.filter(entry => entry.includes('.')).map(entry => entry.split('.').map(normalized))
  // Names recur, so each is judged once; the limit is for names that are data.
  const judged = new Map<string, boolean>()
  const byName = (name: string) => {
    let answer = judged.get(name)
    if (answer === undefined) {
      const plain = normalized(name)
      const forms = [plain, plain.replace(/s$/, ''), plain.replace(/es$/, '')]
      answer = words.some(word => forms.some(form => form.endsWith(word)))
      if (judged.size < 1_000) judged.set(name, answer)
    }
    return answer
  }
  if (paths.length === 0) return byName
  return (name, around) => byName(name) || paths.some(path => endsWith([...around, name], path))
}

function normalized(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '')
}

function endsWith(path: readonly string[], end: readonly string[]): boolean {
  const tail = path.slice(-end.length)
  return tail.length === end.length && tail.every((name, at) => normalized(name) === end[at])
}
