import type { Command } from 'commander'
import { z } from 'zod'
import { ExitError } from '../exit-code.ts'
import { aboutAStack, commandConfig } from './command-config.ts'
import { print, printJson, say, table } from './output.ts'
import { callTool, withMcpClient } from './tool-client.ts'

/** `trader tool list|call`: any tool of the running stack from the shell. */
export function registerTool(program: Command): void {
  const tool = program.command('tool').description('list and call the tools that agents use; needs a running stack')

  const list = tool.command('list').description('every tool with its scope').option('--json', 'with schemas, as one JSON document')
  aboutAStack(list).action(async (flags: { dataDir?: string; json?: boolean }) => {
    const { tools } = await withMcpClient(commandConfig(flags), (client) => client.listTools())
    if (flags.json === true) printJson(tools)
    else
      print(
        table([
          ['tool', 'scope', 'what it does'],
          ...tools.map(({ name, description, _meta: meta }) => [name, String(meta?.['scope']), firstSentence(description)]),
        ]),
      )
  })

  const call = tool
    .command('call <name> [json]')
    .description('call a tool, such as: trader tool call list_orders \'{"status":"open"}\'')
    .option('--json', 'on one line')
  aboutAStack(call).action(async (name: string, json: string | undefined, flags: { dataDir?: string; json?: boolean }) => {
    const answer = await callTool(commandConfig(flags), { name, args: parseArguments(json ?? '{}') })
    const value = answer.ok ? answer.result : answer.refusal
    if (flags.json === true) printJson(value)
    else print(JSON.stringify(value, null, 2))
    if (answer.ok) return
    say(`${name} was refused: ${answer.refusal.code}: ${answer.refusal.message}`)
    process.exitCode = answer.exitCode
  })
}

function parseArguments(text: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text))
  } catch (error) {
    throw new ExitError('usage', `the arguments must be one JSON object, such as '{"limit":5}'; found ${text.slice(0, 100)}`, {
      cause: error,
    })
  }
}

function firstSentence(text = ''): string {
  return text.split('. ', 1)[0] ?? text
}
