import type { Command } from 'commander'
import { describeError, exitCodes } from '../exit-code.ts'
import { print, printJson, say } from './output.ts'

/** `trader demo`: the point of it all in about 90 seconds, on data of its own. */
export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description(
      'trade, kill the worker in the middle of an order, and check that nothing was lost or doubled; about 90 s, on data of its own',
    )
    .option('--keep', 'keep the temporary data directory and say where it is')
    .option('--json', 'one JSON document with every claim; the talk goes to stderr')
    .action(async (flags: { keep?: boolean; json?: boolean }) => {
      process.exitCode = await demo({ keep: flags.keep === true, asJson: flags.json === true })
    })
}

async function demo({ keep, asJson }: { keep: boolean; asJson: boolean }): Promise<number> {
  const [{ runDemo }, { Claims }] = await Promise.all([import('../stack/demo/run-demo.ts'), import('../stack/demo/claims.ts')])
  const tell = asJson ? say : print
  const claims = new Claims(({ claim, ok, detail, seconds }) => {
    tell(`${`${seconds.toFixed(1)}s`.padStart(7)}  ${ok ? '✓' : '✗'} ${claim}\n           ${detail}`)
  })
  const interrupted = new AbortController()
  const interrupt = (): void => interrupted.abort(new Error('interrupted'))
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  signals.forEach((name) => process.on(name, interrupt))
  let failure: unknown
  try {
    await runDemo({ claims, say: (text) => tell(`\n${text}`), keep, signal: interrupted.signal })
  } catch (error) {
    failure = interrupted.signal.aborted ? interrupted.signal.reason : error
  } finally {
    signals.forEach((name) => process.off(name, interrupt))
  }
  const ok = failure === undefined
  tell(`\n${ending({ failure, seconds: claims.seconds, count: claims.all.length })}`)
  if (asJson) printJson({ ok, seconds: claims.seconds, error: ok ? null : describeError(failure), claims: claims.all })
  if (interrupted.signal.aborted) return 130
  return ok ? exitCodes.ok : exitCodes.failed
}

function ending({ failure, seconds, count }: { failure: unknown; seconds: number; count: number }): string {
  if (failure !== undefined) return `The demo failed after ${seconds} s: ${describeError(failure)}`
  return `All ${count} claims were checked and hold. It took ${seconds} s.`
}
