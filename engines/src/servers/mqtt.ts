import { findProgram } from '../program.ts'
import { converse } from './handshake.ts'
import type { Installation, ServerEngine } from './server.ts'

const port = 1883

export const mqtt: ServerEngine = {
  name: 'mqtt',
  title: 'Mosquitto',
  variable: 'PORTOLAN_TEST_MQTT_URL',
  port,
  packages: 'mosquitto',
  stopSignal: 'SIGTERM',
  url: at => `mqtt://127.0.0.1:${at}`,
  version: url => converse(url, { port, greeting: greeting(url), read }),
  installation,
}

/** The first bytes of what a server of MQTT 5 says. */
const connack = 0x20
const publish = 0x30
const pingresp = 0xd0
const versionTopic = '$SYS/broker/version'

/** Logs in, asks for the version, which is kept for whoever subscribes to it, and lets a ping's answer end the conversation. */
function greeting(url: string): Uint8Array {
  const { username, password } = new URL(url)
  const login = [username, password].filter(text => text !== '').map(text => string(decodeURIComponent(text)))
  const flags = 0x02 | (username === '' ? 0 : 0x80) | (password === '' ? 0 : 0x40)
  return Buffer.concat([
    // Version 5, a clean start, 60 seconds to the next word, no properties, and no client id: the server makes one.
    packet(0x10, string('MQTT'), Buffer.of(5, flags, 0, 60, 0), string(''), ...login),
    packet(0x82, Buffer.of(0, 1, 0), string(versionTopic), Buffer.of(0)),
    packet(0xc0),
  ])
}

function packet(type: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const { length } = body
  // Seven bits of the length a byte, the lowest first; two of them are enough for what we say.
  const size = length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >> 7]
  return Buffer.concat([Buffer.of(type, ...size), body])
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes])
}

function read(answer: Buffer): string | undefined {
  if (answer.length > 0 && answer[0] !== connack) throw new Error('it speaks another protocol')
  let version: string | undefined
  for (let at = 0; at + 1 < answer.length; ) {
    const type = answer[at]! & 0xf0
    let size = answer[at + 1]! & 0x7f
    let start = at + 2
    if (answer[at + 1]! & 0x80) size |= (answer[start++] ?? 0) << 7
    if (start + size > answer.length) return undefined
    const body = answer.subarray(start, start + size)
    if (type === connack && body[1] !== 0) throw new Error(`it refuses the connection (reason ${body[1]})`)
    // Behind the topic and the length of the properties, of which it has none.
    if (type === publish) version = body.toString('utf8', 2 + versionTopic.length + 1)
    if (type === pingresp)
      return version?.replace('mosquitto version', 'Mosquitto') ?? 'MQTT 5 (of an unknown version)'
    at = start + size
  }
  return undefined
}

/**
 * It keeps what it holds in memory, and writes all of it to a file when it ends in order, and here after each change: see
 * `autosave_on_changes`. By default it drops what a session holds beyond a thousand messages.
 */
const settings = [
  'persistence true',
  'autosave_interval 1',
  'autosave_on_changes true',
  'max_queued_messages 0',
  'allow_anonymous true',
]

/** All it takes on its command line is the name of a file: a shell writes that first, with a line for each further argument. */
const script =
  'file="$1/mosquitto.conf"; program="$2"; shift 2; printf "%s\\n" "$@" >"$file" && exec "$program" -c "$file"'

function installation(env: NodeJS.ProcessEnv): Installation | undefined {
  const program = findProgram(['mosquitto'], env, ['/usr/sbin'])
  if (program === undefined) return undefined
  return {
    program,
    users: ['mosquitto', 'nobody'],
    serve: (folder, at) => [
      ...['/bin/sh', '-c', script, 'sh', folder, program],
      ...[`listener ${at} 127.0.0.1`, `persistence_location ${folder}/`, ...settings],
    ],
  }
}
