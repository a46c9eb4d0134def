import { isIP } from 'node:net'
import { InfrastructureError } from '../../../ports/errors.ts'
import { parseServerUrl, type ServerOptions, type ServerSettings } from '../../server/url.ts'

const sslModes: Readonly<Record<string, string>> = {
  disable: 'off',
  disabled: 'off',
  require: 'require',
  required: 'require',
  verify_ca: 'verify',
  verify_identity: 'verify',
}

/** Reads `mysql://user:password@host:3306/database?…`; also `mariadb://`, and the `ssl-mode` that providers write. */
export function parseMysqlUrl(url: string, options?: ServerOptions): ServerSettings {
  const mode = (value: string) => ['tls', sslModes[value.toLowerCase()] ?? value] as const
  const settings = parseServerUrl(
    url,
    {
      engine: 'mysql',
      example: 'mysql://user:password@host:3306/database',
      port: 3306,
      user: 'root',
      aliases: {
        'ssl-mode': mode,
        sslmode: mode,
        'ssl-ca': value => ['tls_ca', value],
      },
    },
    options,
  )
  // mysql2 knows no name to compare the certificate with then, and would take one for 'localhost'.
  if (settings.tls && settings.tls.mode !== 'require' && isIP(settings.host) !== 0) {
    throw new InfrastructureError(
      'invalid_argument',
      "The database's URL: tls=verify checks the name of the server. Give its name instead of its address, or tls=require.",
    )
  }
  return settings
}
