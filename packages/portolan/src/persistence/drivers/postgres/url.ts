import { parseServerUrl, type ServerOptions, type ServerSettings } from '../../server/url.ts'

const sslModes: Readonly<Record<string, string>> = {
  disable: 'off',
  require: 'require',
  'verify-ca': 'verify',
  'verify-full': 'verify',
}

/** Reads `postgres://user:password@host:5432/database?…`; also `postgresql://`, and the `sslmode` that providers write. */
export function parsePostgresUrl(url: string, options?: ServerOptions): ServerSettings {
  return parseServerUrl(
    url,
    {
      engine: 'postgres',
      example: 'postgres://user:password@host:5432/database',
      port: 5432,
      user: 'postgres',
      aliases: {
        sslmode: value => ['tls', sslModes[value] ?? value],
        sslrootcert: value => ['tls_ca', value],
      },
    },
    options,
  )
}
