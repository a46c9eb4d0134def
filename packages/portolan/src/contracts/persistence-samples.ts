import {
  bigint,
  boolean,
  bytes,
  day,
  decimal,
  instant,
  json,
  money,
  oneOf,
  uuid,
} from '../persistence/codecs.ts'
import { mapping } from '../persistence/mapping.ts'
import { SqlRepository } from '../persistence/repository/sql-repository.ts'
import type { ContractTables } from './persistence-kit.ts'

/** One of everything that a column can hold. */
export interface Sample {
  readonly id: number
  readonly flag: boolean
  readonly at: Date
  readonly tags: readonly string[]
  readonly big: bigint
  readonly price: { readonly units: bigint; readonly scale: number; readonly currency: string }
  readonly ratio: number
  readonly bytes: Uint8Array
  readonly maybe: bigint | null
  readonly born: string
  readonly weight: string
  readonly token: string
  readonly mood: 'calm' | 'cross'
  readonly rank: number
}

export function sample(id: number, rest: Partial<Sample> = {}): Sample {
  return {
    id,
    flag: true,
    at: new Date(1_700_000_000_123),
    tags: ['a', '"', 'ünï'],
    big: 2n ** 62n + 1n,
    price: { units: -1250n, scale: 3, currency: 'GBP' },
    ratio: 0.1,
    bytes: new Uint8Array([0, 1, 255]),
    maybe: null,
    born: '2024-02-29',
    weight: '12.5000',
    token: '0b8f7a52-6a0f-4c7e-9d53-1f2f3b4c5d6e',
    mood: 'calm',
    rank: 1,
    ...rest,
  }
}

export const samples = mapping<ContractTables>()({
  table: 'samples',
  key: 'id',
  version: 'revision',
  codecs: {
    samples: {
      flag: boolean,
      at: instant,
      tags: json<readonly string[]>(),
      big: bigint,
      price: money(amount => amount),
      bytes,
      born: day,
      weight: decimal(4),
      token: uuid,
      mood: oneOf('calm', 'cross'),
    },
  },
  toRows: ({ maybe, ...rest }: Sample) => ({
    root: { ...rest, maybe: maybe === null ? null : Number(maybe) },
  }),
  fromRows: ({ revision: _, maybe, ...rest }) => ({ ...rest, maybe: maybe === null ? null : BigInt(maybe) }),
})

export const SampleRepository = SqlRepository(samples)
