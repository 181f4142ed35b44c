import { z } from 'zod'
import { timestampMs } from '../../contract/primitives.ts'
import { promptMode } from '../../contract/prompt-version.ts'
import { promptUpdateType } from './choose-update.ts'

const dayMs = 86_400_000
/** Scores and changes older than this are of no use to any rule. */
const rememberedMs = 30 * dayMs
const mostScores = 200
const mostChanges = 50

/** One change of the active version: by a rule of the Judge, by a trial, or by a person. */
export const promptChange = z.strictObject({
  market_time: timestampMs,
  cause: z.enum([...promptUpdateType.options, 'promotion', 'rollback', 'person']),
  from_mode: promptMode,
  to_mode: promptMode,
  direction: z.enum(['same', 'tighter', 'looser', 'mixed']),
})
export type PromptChange = z.infer<typeof promptChange>

/** What the Judge remembers between evaluations: a plain, bounded value. */
export const judgeMemory = z.strictObject({
  changes: z.array(promptChange),
  /** A person who told the Judge to change nothing, and why; null while it may. */
  frozen: z.strictObject({ by: z.string(), reason: z.string(), market_time: timestampMs }).nullable(),
  /** Of scheduled evaluations with a score, oldest first. */
  scores: z.array(z.strictObject({ market_time: timestampMs, score: z.number() })),
})
export type JudgeMemory = z.infer<typeof judgeMemory>

export const emptyMemory: JudgeMemory = { changes: [], frozen: null, scores: [] }

/** The memory after the active version changed, whoever changed it. */
export function rememberChange(memory: JudgeMemory, change: PromptChange): JudgeMemory {
  const since = change.market_time - rememberedMs
  return { ...memory, changes: [...memory.changes.filter(({ market_time }) => market_time >= since), change].slice(-mostChanges) }
}

/** The memory after an evaluation. One without a score, and one asked for by hand, leave no score. */
export function rememberScore(
  memory: JudgeMemory,
  evaluation: { readonly market_time: number; readonly overall_score: number | null; readonly cause: string },
): JudgeMemory {
  const { market_time, overall_score, cause } = evaluation
  if (overall_score === null || cause === 'manual') return memory
  const recent = memory.scores.filter((score) => score.market_time >= market_time - rememberedMs)
  return { ...memory, scores: [...recent, { market_time, score: overall_score }].slice(-mostScores) }
}

/** When the active version last changed; null where it never did. */
export function lastChangeAt({ changes }: JudgeMemory): number | null {
  return changes.length === 0 ? null : Math.max(...changes.map(({ market_time }) => market_time))
}

/** Automatic changes in the 24 hours up to `marketTime`. What a person changed is a person's affair. */
export function changesOfDay({ changes }: JudgeMemory, marketTime: number): PromptChange[] {
  return changes.filter(({ market_time, cause }) => cause !== 'person' && market_time > marketTime - dayMs)
}
