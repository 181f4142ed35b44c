import type { Command } from 'commander'
import { exitCodes, ExitError } from '../exit-code.ts'
import { refusalKind } from '../refusal-code.ts'
import { readJson, tooLargeNumber } from '../read-json.ts'
import { answersJson, commandConfig, type JsonFlags } from './command-config.ts'
import { quoted } from './option-values.ts'
import { hint, print, printJson, say, table } from './output.ts'
import { callTool, withMcpClient } from './tool-client.ts'

/** `trader tool list|call`: any tool of the running stack from the shell. */
export function registerTool(program: Command): void {
  const tool = program.command('tool').description('list and call the tools that agents use; needs a running stack')

  const list = tool.command('list').description('every tool with its scope; --json adds the schemas')
  answersJson(list).action(async (flags: JsonFlags) => {
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
    .command('call')
    .description('call a tool, such as: trader tool call list_orders \'{"status":"open"}\'')
    .argument('<name>', 'of `trader tool list`')
    .argument('[json]', 'its arguments, one JSON object', parseArguments, {})
  answersJson(call).action(async (name: string, args: Readonly<Record<string, unknown>>, flags: JsonFlags) => {
    const answer = await callTool(commandConfig(flags), { name, args })
    if (answer.ok) {
      if (flags.json === true) printJson(answer.result)
      else print(JSON.stringify(answer.result, null, 2))
      return
    }
    // For a program the whole refusal, for a person its sentence; never both.
    if (flags.json === true) printJson({ ...answer.refusal, message: hint(answer.refusal.message) })
    else say(`error: ${answer.refusal.code}: ${answer.refusal.message}`)
    process.exitCode = exitCodes[refusalKind(answer.refusal.code)]
  })
}

function parseArguments(text: string): Readonly<Record<string, unknown>> {
  const read = readJson(text)
  const problem = read.ok ? tooLargeNumber(read.value) : read.problem
  if (problem !== undefined) throw new ExitError('usage', `the arguments: ${problem}; found ${quoted(text)}`)
  const { value } = read
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.fromEntries(Object.entries(value))
  throw new ExitError('usage', `the arguments must be one JSON object, such as '{"limit":5}'; found ${quoted(text)}`)
}

function firstSentence(text = ''): string {
  return text.split('. ', 1)[0] ?? text
}
