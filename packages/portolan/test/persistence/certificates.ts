import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'

export interface Certificates {
  /** The file of the authority's certificate. */
  readonly ca: string
  readonly certificateFile: string
  readonly keyFile: string
  readonly certificate: string
  readonly key: string
}

/** An authority of its own, and a certificate by it for `host`. A server that runs as another user may read the files. */
export function certificates(
  folder: { readonly path: string; file(name: string): string },
  name: string,
  host = 'localhost',
): Certificates {
  const file = (suffix: string) => folder.file(`${name}-${suffix}`)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' })
  const fresh = ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const ca = file('ca.pem')
  const authority = ['-x509', '-days', '1', '-subj', `/CN=${name}`, '-keyout', file('ca.key'), '-out', ca]
  openssl(...fresh, ...authority)
  const request = file('request.pem')
  const [certificateFile, keyFile] = [file('cert.pem'), file('key.pem')]
  openssl(...fresh, '-subj', `/CN=${host}`, '-keyout', keyFile, '-out', request)
  writeFileSync(file('names'), `subjectAltName=DNS:${host}`)
  const signing = ['-CA', ca, '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '1']
  openssl('x509', '-req', '-in', request, ...signing, '-extfile', file('names'), '-out', certificateFile)
  chmodSync(folder.path, 0o755)
  for (const path of [ca, certificateFile, keyFile]) chmodSync(path, 0o644)
  return {
    ...{ ca, certificateFile, keyFile },
    certificate: readFileSync(certificateFile, 'utf8'),
    key: readFileSync(keyFile, 'utf8'),
  }
}
