import { readFileSync } from 'node:fs'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { type GraphError, graphError } from './errors.ts'
import { limitError } from './limits.ts'
import type { MarkRequest, SendRequest } from './request.ts'

type Parsed<T> =
  | { readonly value: T; readonly error?: undefined }
  | { readonly value?: undefined; readonly error: GraphError }

export interface Validation {
  /** A message to send: what Meta's description says, then the limits that it leaves out. */
  message(body: unknown): Parsed<SendRequest>
  mark(body: unknown): Parsed<MarkRequest>
  template(body: unknown): GraphError | undefined
  subscription(body: unknown): GraphError | undefined
}

/** Checks requests against Meta's own description; each kind is compiled when it is first seen. */
export function createValidation(): Validation {
  const { entries, definitions } = JSON.parse(
    readFileSync(new URL('meta-schema.json', import.meta.url), 'utf8'),
  ) as { entries: Record<string, string>; definitions: object }
  const ajv = new Ajv({ strict: false, validateFormats: false })
  const compiled = new Map<string, ValidateFunction>()

  function validator(entry: string): ValidateFunction | undefined {
    const ready = compiled.get(entry)
    if (ready) return ready
    const name = Object.hasOwn(entries, entry) ? entries[entry] : undefined
    if (name === undefined) return undefined
    const validate = ajv.compile({ $ref: `#/definitions/${name}`, definitions })
    compiled.set(entry, validate)
    return validate
  }

  function refusal(entry: string, body: unknown, at = ''): GraphError | undefined {
    const validate = validator(entry)!
    return validate(body) ? undefined : schemaError(validate.errors?.[0], at)
  }

  /** What can be done with an interactive message depends on its type. */
  function actionError({ interactive }: SendRequest): GraphError | undefined {
    const entry = `action:${interactive?.type}`
    return validator(entry) && refusal(entry, interactive?.action, '/interactive/action')
  }

  return {
    message(body) {
      const basic = basicError(body)
      if (basic) return { error: basic }
      const request = body as SendRequest
      const type = request.type ?? 'text'
      if (!validator(`message:${type}`)) {
        const types = Object.keys(entries).filter(key => key.startsWith('message:'))
        return {
          error: graphError(
            100,
            `Param type must be one of {${types.map(key => key.slice(8).toUpperCase()).join(', ')}} - got "${type}".`,
          ),
        }
      }
      const error = refusal(`message:${type}`, body) ?? actionError(request) ?? limitError(type, request)
      return error ? { error } : { value: request }
    },
    mark(body) {
      const error = refusal('mark', body) ?? basicError(body, 'mark')
      return error ? { error } : { value: body as MarkRequest }
    },
    template: body => refusal('template', body),
    subscription: body => refusal('subscription', body),
  }
}

function basicError(body: unknown, kind: 'message' | 'mark' = 'message'): GraphError | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return graphError(100, 'The body must be a JSON object.')
  }
  const { messaging_product, to, type, status, typing_indicator } = body as Record<string, unknown>
  if (messaging_product !== 'whatsapp') return required('messaging_product')
  if (kind === 'mark') {
    if (status !== 'read') return graphError(100, 'Param status must be one of {READ}.')
    const typing = typing_indicator as { type?: unknown } | undefined
    if (typing !== undefined && typing?.type !== 'text') {
      return graphError(131009, 'typing_indicator.type must be text.')
    }
    return undefined
  }
  if (typeof to !== 'string' || to === '') return required('to')
  if (type !== undefined && typeof type !== 'string') return graphError(100, 'Param type must be a string.')
  return undefined
}

const required = (name: string) => graphError(100, `The parameter ${name} is required.`)

function schemaError(error: ErrorObject | undefined, at: string): GraphError {
  const path = (at + (error?.instancePath ?? '')).slice(1).replaceAll('/', '.')
  if (error?.keyword === 'required') {
    const missing = (error.params as { missingProperty: string }).missingProperty
    return graphError(131008, `Parameter '${path ? `${path}.` : ''}${missing}' is missing.`)
  }
  return graphError(131009, `Parameter '${path}' is not valid: it ${error?.message ?? 'is refused'}.`)
}
