import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fetchJars, findJava, type JavaProgram, jarsOf } from '../own/maven.ts'
import { converse } from './handshake.ts'
import { secondPort } from './second-port.ts'
import type { Installation, ServerEngine } from './server.ts'

const port = 9092
const program: JavaProgram = {
  name: 'kafka-4.3.1',
  // The second lets it log, which it does not do without.
  artifacts: ['org.apache.kafka:kafka_2.13:4.3.1', 'org.slf4j:slf4j-simple:1.7.36'],
}

/** One node that is its own controller (KRaft). No package of Debian has it: Maven downloads it. */
export const kafka: ServerEngine = {
  name: 'kafka',
  title: 'Kafka',
  variable: 'PORTOLAN_TEST_KAFKA_URL',
  port,
  packages: 'openjdk-17-jre-headless maven',
  stopSignal: 'SIGTERM',
  url: at => `kafka://127.0.0.1:${at}`,
  version: url => converse(url, { port, greeting: question, read }),
  installation,
  async fetch(env) {
    if (findJava(env) === undefined)
      throw new Error('it takes java 17 or newer: apt-get install openjdk-17-jre-headless')
    await fetchJars(program, env)
  },
}

/** `ApiVersions`, version 3, as client `portolan`: anybody may ask it, and a server that is not ready does not answer. */
const question = (() => {
  const name = Buffer.from('portolan')
  const compact = (text: string) => [text.length + 1, ...Buffer.from(text)]
  const header = [0, 18, 0, 3, 0, 0, 0, 1, 0, name.length, ...name, 0]
  const request = [...header, ...compact('portolan'), ...compact('1'), 0]
  return Uint8Array.of(0, 0, 0, request.length, ...request)
})()

/** It does not say its version, but which features it has agreed on with its cluster; they come last. */
function read(answer: Buffer): string | undefined {
  if (answer.length < 8) return undefined
  if (answer.readInt32BE(4) !== 1) throw new Error('it speaks another protocol')
  if (answer.length < 4 + answer.readInt32BE(0)) return undefined
  const feature = 'metadata.version'
  const at = answer.lastIndexOf(feature)
  return `Kafka (${feature} ${at < 0 ? 'unknown' : answer.readInt16BE(at + feature.length)})`
}

function installation(env: NodeJS.ProcessEnv): Installation | undefined {
  const java = findJava(env)
  const jars = jarsOf(program, env)
  if (java === undefined || jars === undefined) return undefined
  // Quick to start rather than quick to serve; what it holds in memory is little.
  const virtualMachine = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto', '-Xmx384m']
  const logs = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn']
  const command = [java, ...virtualMachine, ...logs, '-cp', join(jars, '*')]
  return {
    program: java,
    // It does not mind being root, and others could not read root's cache.
    users: [],
    initialise(folder) {
      writeFileSync(settingsIn(folder), settings(folder))
      return [...command, 'kafka.tools.StorageTool', 'format', '-t', 'portolan', '-c', settingsIn(folder)]
    },
    serve: (folder, at) => [
      ...[...command, 'kafka.Kafka', settingsIn(folder)],
      ...set('listeners', `CLIENT://127.0.0.1:${at},CONTROLLER://127.0.0.1:${secondPort(at)}`),
      ...set('controller.quorum.voters', `1@127.0.0.1:${secondPort(at)}`),
    ],
  }
}

const set = (name: string, value: string): string[] => ['--override', `${name}=${value}`]

const settingsIn = (folder: string): string => join(folder, 'server.properties')

const settings = (folder: string): string => `node.id=1
process.roles=broker,controller
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:${secondPort(port)}
listeners=CLIENT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${secondPort(port)}
listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENT
log.dirs=${join(folder, 'log')}
auto.create.topics.enable=false
# After a crash, the controller waits for so long before it lets its broker in again.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=400
# There is one node.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
group.initial.rebalance.delay.ms=0
`
