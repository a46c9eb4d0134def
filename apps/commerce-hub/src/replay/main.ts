import { InfrastructureError } from 'portolan'
import { SalesFileError } from '../retail-data/sales-file.ts'
import { help, replayArguments, UsageError } from './arguments.ts'
import { progressOn } from './progress.ts'
import { replay } from './replay.ts'
import { agrees, report } from './report.ts'
import { bundledSample } from './sample.ts'

async function main(): Promise<number> {
  const args = replayArguments(process.argv.slice(2), bundledSample, process.env)
  if (args === 'help') {
    console.log(help)
    return 0
  }
  const result = await replay(args, '.data/replay', progressOn(process.stderr))
  console.log(args.json ? JSON.stringify(result) : report(result))
  return agrees(result) ? 0 : 1
}

main().then(
  code => process.exit(code),
  (error: unknown) => {
    const wrongCall = error instanceof UsageError || error instanceof SalesFileError
    // What a person can mend is told in its own words; anything else is a bug and shows where.
    console.error(wrongCall || InfrastructureError.is(error) ? `replay: ${error.message}` : error)
    process.exit(wrongCall ? 2 : 1)
  },
)
