import type { Command } from 'commander'
import type { PromptVersion } from '@trader/core/contract/prompt-version'
import { ExitError } from '../exit-code.ts'
import { answersJson, commandConfig, type JsonFlags } from './command-config.ts'
import { describeTime } from './describe-time.ts'
import { lineDiff } from './line-diff.ts'
import { shortText, wholeNumber } from './option-values.ts'
import { print, printJson, table } from './output.ts'
import { requireTool } from './tool-client.ts'
import { withDatabase } from './with-database.ts'

const versionNumber = wholeNumber('a prompt version', { from: 1, to: 999_999_999 })

/** `trader prompt history|diff|rollback`: how the execution agent's prompt evolved. */
export function registerPrompt(program: Command): void {
  const prompt = program.command('prompt').description("the execution agent's prompt: history, difference, rollback")

  const history = prompt.command('history').description('every version, newest first')
  answersJson(history).action(async (flags: JsonFlags) => {
    const versions = await readVersions(flags)
    const current_version = versions.find(({ is_active }) => is_active)?.version ?? null
    if (flags.json === true) printJson({ current_version, versions })
    else print(describeVersions(versions))
  })

  const diff = prompt
    .command('diff')
    .description('what version b says otherwise than version a')
    .argument('<a>', 'a version, such as 1', versionNumber)
    .argument('<b>', 'another', versionNumber)
  answersJson(diff).action(async (a: number, b: number, flags: JsonFlags) => {
    const versions = await readVersions(flags)
    const [before, after] = [findVersion(versions, a), findVersion(versions, b)]
    const lines = lineDiff(documentOf(before), documentOf(after))
    if (flags.json === true) printJson({ from: before.version, to: after.version, changes: lines.filter(({ sign }) => sign !== ' ') })
    else if (lines.every(({ sign }) => sign === ' ')) print(`versions ${a} and ${b} say the same`)
    else lines.forEach(({ sign, text }) => print(`${sign} ${text}`))
  })

  const rollback = prompt
    .command('rollback')
    .description('make an earlier version the active one again')
    .argument('<version>', 'such as 1', versionNumber)
    .option('--reason <text>', 'why, for the record', shortText('--reason', 500))
  answersJson(rollback).action(async (version: number, flags: JsonFlags & { reason?: string }) => {
    const args = { version, ...(flags.reason !== undefined && { reason: flags.reason }) }
    const result = await requireTool(commandConfig(flags), { name: 'rollback_prompt', args })
    if (flags.json === true) printJson(result)
    else print(`version ${version} is active, in effect from the next decision; version ${String(result['previous_version'])} was`)
  })
}

async function readVersions(flags: JsonFlags): Promise<PromptVersion[]> {
  const { listPromptVersions } = await import('../database/queries/list-prompt-versions.ts')
  return withDatabase(commandConfig(flags), listPromptVersions)
}

function findVersion(versions: readonly PromptVersion[], wanted: number): PromptVersion {
  const found = versions.find(({ version }) => version === wanted)
  if (found === undefined)
    throw new ExitError(
      'failed',
      `there is no prompt version ${wanted}; there are ${versions.map(({ version }) => version).join(', ') || 'none'}`,
    )
  return found
}

/** The policy and the text: all that makes two versions differ for the agent. */
function documentOf({ policy, text }: PromptVersion): string[] {
  const rules = Object.entries(policy).map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
  return [...rules, '', ...text.split('\n')]
}

function describeVersions(versions: readonly PromptVersion[]): string {
  const rows = versions.map(({ version, is_active, mode, author, created_at, reason }) => [
    `${version}${is_active ? '*' : ''}`,
    mode,
    author,
    describeTime(created_at),
    reason,
  ])
  return table([['version', 'mode', 'author', 'made', 'reason'], ...rows])
}
