#!/usr/bin/env node
import { run } from './run.ts'

process.exitCode = await run(process.argv.slice(2), {
  out: text => void process.stdout.write(text),
  error: text => void process.stderr.write(text),
  // Node's answer heeds NO_COLOR and FORCE_COLOR.
  colours: process.stdout.isTTY === true && process.stdout.hasColors(),
  screen: process.stderr.isTTY === true,
  directory: process.cwd(),
  env: process.env,
})
