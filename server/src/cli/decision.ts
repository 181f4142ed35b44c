import type { Command } from 'commander'
import type { Decision } from '@trader/core/contract/decision'
import { ExitError } from '../exit-code.ts'
import { answersJson, commandConfig, listsOfARun, type JsonFlags, type ListFlags } from './command-config.ts'
import { currentRun } from './current-run.ts'
import { describeDecision, type FullStory } from './describe-decision.ts'
import { describeTime } from './describe-time.ts'
import { mostMatches, onlyMatch } from './only-match.ts'
import { idText, quoted } from './option-values.ts'
import { print, printJson, table } from './output.ts'
import { withDatabase } from './with-database.ts'

/** Decisions after one that are shown as what happened next. */
const shownNext = 3

/** `trader decision list|show`: what the agent decided, and the whole story of one decision. */
export function registerDecision(program: Command): void {
  const decision = program.command('decision').description('list decisions, and show the whole story of one')

  const list = decision
    .command('list')
    .description('decisions of the newest run, newest first')
    .option('--action <action>', 'TRADE or HOLD', actionName)
  listsOfARun(list).action(async (flags: ListFlags & { action?: Decision['action'] }) => {
    const found = await listed(flags)
    if (flags.json === true) printJson(found.map(lineOf))
    else print(found.length === 0 ? 'no such decisions in this run' : describeList(found))
  })

  const show = decision
    .command('show')
    .description('what woke it, what it saw, gate, prompt, reply, checks, orders, fills, postings, and what happened next')
    .argument('<id>', 'its id, or enough of the beginning; `decision-` may be left out', idText('the id', 'one of `trader decision list`'))
  answersJson(show).action(async (id: string, flags: JsonFlags) => {
    const story = await readStory(flags, id)
    if (flags.json === true) printJson(story)
    else print(describeDecision(story))
  })
}

function actionName(text: string): Decision['action'] {
  const action = text.toUpperCase()
  if (action === 'TRADE' || action === 'HOLD') return action
  throw new ExitError('usage', `--action must be TRADE or HOLD, was ${quoted(text)}`)
}

async function listed({ action, ...flags }: ListFlags & { action?: Decision['action'] }): Promise<Decision[]> {
  const config = commandConfig(flags)
  const { listDecisions } = await import('../database/queries/list-decisions.ts')
  return withDatabase(config, async (pool) => {
    const { run_id: runId } = await currentRun(pool, { config, runId: flags.run })
    return listDecisions(pool, { runId, limit: flags.limit, ...(action !== undefined && { action }) })
  })
}

async function readStory(flags: JsonFlags, typed: string): Promise<FullStory> {
  const [{ findDecision }, { decisionIdsWithPrefix }, { decisionsAfter }, { readDecisionStory }, { listPostings }, { findPromptText }] =
    await Promise.all([
      import('../database/queries/list-decisions.ts'),
      import('../database/queries/ids-with-prefix.ts'),
      import('../database/queries/decisions-after.ts'),
      import('../trading/decision-story.ts'),
      import('../database/queries/list-postings.ts'),
      import('../database/queries/save-prompt-text.ts'),
    ])
  return withDatabase(commandConfig(flags), async (pool) => {
    const matches = await decisionIdsWithPrefix(pool, { prefix: typed, limit: mostMatches })
    const id = onlyMatch({ kind: 'decision', typed, matches })
    const decision = await findDecision(pool, id)
    if (decision === null) throw new Error(`decision ${id} was found and is gone`)
    const [story, postings, next] = await Promise.all([
      readDecisionStory(pool, decision),
      listPostings(pool, id),
      decisionsAfter(pool, { runId: decision.run_id, marketTime: decision.market_time, limit: shownNext }),
    ])
    const prompts = await Promise.all(story.model_calls.map(({ prompt_hash: hash }) => findPromptText(pool, hash)))
    return { decision, ...story, prompts, postings, next: next.map(lineOf) }
  })
}

/** The line of a decision in lists. */
function lineOf({ id, market_time, action, products, orders, prompt_version, model, hold_reason }: Decision): FullStory['next'][number] {
  return { id, market_time, action, products, orders, prompt_version, model, hold_reason }
}

function describeList(decisions: readonly Decision[]): string {
  const rows = decisions.map(({ id, market_time, action, hold_reason, orders, blocks, prompt_version, model }) => [
    describeTime(market_time),
    action,
    hold_reason ?? '',
    String(orders.length),
    String(blocks.length),
    prompt_version === null ? '-' : `v${prompt_version}`,
    model ?? '-',
    id,
  ])
  return table([['market time', 'action', 'why held', 'orders', 'blocks', 'prompt', 'model', 'id'], ...rows])
}
