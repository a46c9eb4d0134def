import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  boolean,
  bytes,
  duration,
  integer,
  list,
  oneOf,
  optional,
  port,
  string,
  type TextSchema,
  url,
} from 'portolan/config'

function read(schema: TextSchema<unknown, unknown>, value: unknown): unknown {
  const result = schema['~standard'].validate(value)
  assert.ok(!(result instanceof Promise))
  return result.issues ? `refused: ${result.issues[0]?.message}` : result.value
}

const cases: [string, TextSchema<unknown, unknown>, [unknown, unknown][], unknown[]][] = [
  ['string', string(), [['a', 'a']], ['', 5, undefined, null]],
  ['string with limits', string({ minLength: 2, maxLength: 3 }), [['ab', 'ab']], ['a', 'abcd']],
  [
    'url',
    url(),
    ['sqlite:./x.db', 'memory:', 'postgres://u:p@h/db', 'https://x.example/'].map(text => [text, text]),
    ['localhost:3000', '/path', 'C:\\x', 'http://', 'http://a b/', 5],
  ],
  ['url with schemes', url({ schemes: ['http', 'https'] }), [['HTTPS://x/', 'HTTPS://x/']], ['ftp://x/']],
  [
    'integer',
    integer({ min: 1, max: 5 }),
    [
      ['3', 3],
      [' 4 ', 4],
      [5, 5],
    ],
    ['0', '6', '1.5', '0x1', '', 'Infinity', true, null],
  ],
  [
    'port',
    port(),
    [
      ['0', 0],
      ['65535', 65535],
    ],
    ['65536', '-1'],
  ],
  [
    'boolean',
    boolean(),
    [
      ['TRUE', true],
      ['0', false],
      ['off', false],
      [true, true],
    ],
    ['maybe', 1, 'constructor'],
  ],
  [
    'duration',
    duration(),
    [
      ['30s', 30_000],
      ['1.5m', 90_000],
      [250, 250],
    ],
    ['30', '-1s', 'soon', -1, null],
  ],
  ['oneOf', oneOf(['a', 'b']), [['a', 'a']], ['A', 'c']],
  [
    'list',
    list(),
    [
      ['a, b,,c', ['a', 'b', 'c']],
      [['x'], ['x']],
    ],
    [5, [5]],
  ],
  [
    'list of ports',
    list(port()),
    [
      ['1,2', [1, 2]],
      [
        [1, '2'],
        [1, 2],
      ],
    ],
    ['1,x'],
  ],
  [
    'bytes',
    bytes({ max: 2 ** 31 }),
    [
      ['512', 512],
      ['64kb', 65_536],
      ['1.5 MiB', 1_572_864],
      ['2g', 2 ** 31],
      [7, 7],
    ],
    ['3gb', '1.0001kb', 'big'],
  ],
  [
    'optional',
    optional(port()),
    [
      [undefined, undefined],
      ['1', 1],
    ],
    ['x', null],
  ],
]

for (const [name, schema, accepted, refused] of cases) {
  test(`${name} reads what it allows and refuses the rest`, () => {
    for (const [input, output] of accepted) assert.deepEqual(read(schema, input), output)
    for (const input of refused)
      assert.match(String(read(schema, input)), /^refused: expected /, `${String(input)} was allowed`)
  })
}
