import { describe, expect, it } from 'vitest'
import { commandsOf, dataDirFlag } from './command-hint.ts'

describe('a hint', () => {
  it('is left as it is where the data directory is the default', () => {
    expect(commandsOf('run `trader start`', './data')).toBe('run `trader start`')
    expect(dataDirFlag(`${process.cwd()}/data`)).toBe('')
  })

  it('names the data directory in every command that is about a stack', () => {
    expect(commandsOf('`trader status` shows it, `trader logs -n 5 worker` says why; `trader prepare` and `make start`', '/tmp/x')).toBe(
      '`trader status --data-dir /tmp/x` shows it, `trader logs -n 5 worker --data-dir /tmp/x` says why; `trader prepare` and `make start`',
    )
  })

  it('names it once, and so that a shell reads it', () => {
    expect(commandsOf(commandsOf('`./trader stop`', '/tmp/a b'), '/tmp/a b')).toBe("`./trader stop --data-dir '/tmp/a b'`")
  })
})
