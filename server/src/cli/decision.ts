import type { Command } from 'commander'
import type { Decision } from '@trader/core/contract/decision'
import { ExitError } from '../exit-code.ts'
import { aboutAStack, commandConfig } from './command-config.ts'
import { currentRun } from './current-run.ts'
import { describeDecision, type FullStory } from './describe-decision.ts'
import { describeTime } from './describe-time.ts'
import { print, printJson, table } from './output.ts'
import { withDatabase } from './with-database.ts'

interface Flags {
  readonly dataDir?: string
  readonly json?: boolean
}

/** Decisions after one that are shown as what happened next. */
const shownNext = 3

/** `trader decision list|show`: what the agent decided, and the whole story of one decision. */
export function registerDecision(program: Command): void {
  const decision = program.command('decision').description('list decisions, and show the whole story of one')

  const list = decision
    .command('list')
    .description('decisions of the newest run, newest first')
    .option('--action <action>', 'TRADE or HOLD')
    .option('--limit <n>', 'at most this many', Number, 50)
    .option('--run <id>', 'of another run')
    .option('--json', 'one JSON document')
  aboutAStack(list).action(async (flags: Flags & { action?: string; limit: number; run?: string }) => {
    const found = await listed(flags)
    if (flags.json === true) printJson(found.map(lineOf))
    else print(describeList(found))
  })

  const show = decision
    .command('show <id>')
    .description('what woke it, what it saw, gate, prompt, reply, checks, orders, fills, postings, and what happened next')
    .option('--json', 'one JSON document')
  aboutAStack(show).action(async (id: string, flags: Flags) => {
    const story = await readStory(flags, id)
    if (flags.json === true) printJson(story)
    else print(describeDecision(story))
  })
}

async function listed(flags: Flags & { action?: string; limit: number; run?: string }): Promise<Decision[]> {
  const action = flags.action?.toUpperCase()
  if (action !== undefined && action !== 'TRADE' && action !== 'HOLD')
    throw new ExitError('usage', `--action must be TRADE or HOLD, was ${flags.action}`)
  const config = commandConfig(flags)
  const { listDecisions } = await import('../database/queries/list-decisions.ts')
  return withDatabase(config, async (pool) => {
    const { run_id: runId } = await currentRun(pool, { config, runId: flags.run })
    return listDecisions(pool, { runId, limit: flags.limit, ...(action !== undefined && { action }) })
  })
}

async function readStory(flags: Flags, id: string): Promise<FullStory> {
  const [{ findDecision }, { decisionsAfter }, { readDecisionStory }, { listPostings }, { findPromptText }] = await Promise.all([
    import('../database/queries/list-decisions.ts'),
    import('../database/queries/decisions-after.ts'),
    import('../trading/decision-story.ts'),
    import('../database/queries/list-postings.ts'),
    import('../database/queries/save-prompt-text.ts'),
  ])
  return withDatabase(commandConfig(flags), async (pool) => {
    const decision = await findDecision(pool, id)
    if (decision === null) throw new ExitError('failed', `there is no decision ${id}; \`trader decision list\` shows the ids`)
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
