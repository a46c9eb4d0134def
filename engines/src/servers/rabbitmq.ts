import { findProgram } from '../program.ts'
import { converse } from './handshake.ts'
import { secondPort } from './second-port.ts'
import type { Installation, ServerEngine } from './server.ts'

const port = 5672

export const rabbitmq: ServerEngine = {
  name: 'rabbitmq',
  title: 'RabbitMQ',
  variable: 'PORTOLAN_TEST_RABBITMQ_URL',
  port,
  packages: 'rabbitmq-server',
  stopSignal: 'SIGTERM',
  url: at => `amqp://guest:guest@127.0.0.1:${at}`,
  version: url => converse(url, { port, greeting: Uint8Array.of(...Buffer.from('AMQP'), 0, 0, 9, 1), read }),
  installation,
}

/** `Connection.Start` of AMQP 0-9-1: a frame that ends with 0xCE, with a table of the server's properties. */
function read(answer: Buffer): string | undefined {
  if (answer[0] !== 1) throw new Error('it speaks another protocol')
  if (answer.length < 7 || answer.length < 8 + answer.readUInt32BE(3)) return undefined
  return `RabbitMQ ${property(answer, 'version') ?? '(of an unknown version)'}`
}

/** A short name, the letter of long strings, and a length before the text. */
function property(frame: Buffer, name: string): string | undefined {
  const key = Buffer.from(`${String.fromCharCode(name.length)}${name}S`)
  const at = frame.indexOf(key)
  if (at < 0) return undefined
  const start = at + key.length + 4
  return frame.toString('utf8', start, start + frame.readUInt32BE(start - 4))
}

function installation(env: NodeJS.ProcessEnv): Installation | undefined {
  const folders = ['/usr/lib/rabbitmq/bin', '/usr/sbin']
  const program = findProgram(['rabbitmq-server'], env, folders)
  if (program === undefined) return undefined
  return {
    program,
    users: ['rabbitmq', 'nobody'],
    serve: (folder, at) => [
      '/usr/bin/env',
      // Each a node of its own name, whose port for other nodes is derived from that of its clients.
      ...[`RABBITMQ_NODENAME=portolan-${at}@localhost`, `RABBITMQ_NODE_PORT=${at}`],
      ...[`RABBITMQ_DIST_PORT=${secondPort(at)}`, 'RABBITMQ_NODE_IP_ADDRESS=127.0.0.1'],
      // That port and the one of Erlang's directory of nodes are otherwise open to other machines.
      'RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1}',
      'ERL_EPMD_ADDRESS=127.0.0.1',
      ...[`RABBITMQ_MNESIA_BASE=${folder}`, `RABBITMQ_LOG_BASE=${folder}`, 'RABBITMQ_LOGS=-'],
      // Nothing of what this machine's own server is told.
      ...[`RABBITMQ_CONFIG_FILE=${folder}/none`, `RABBITMQ_CONF_ENV_FILE=${folder}/none`],
      ...[`RABBITMQ_ENABLED_PLUGINS_FILE=${folder}/plugins`, `HOME=${folder}`],
      // It is a script, known by its command line; what it does not know, it hands on to Erlang, which keeps it.
      ...[program, '-data', folder],
    ],
  }
}
