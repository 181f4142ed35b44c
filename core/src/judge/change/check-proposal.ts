import { z } from 'zod'
import { cleanText } from '../../agent/clean-text.ts'
import type { DecisionAnalysis } from '../../contract/evaluation.ts'
import { type Policy, policy as policySchema } from '../../contract/prompt-version.ts'
import { policyBreaches } from '../policy-breaches.ts'

/** How far one proposal may move each value. */
export const proposalSteps = { max_position: 0.05, cash_reserve: 0.1, min_edge_bps: 50, cool_down_seconds: 1800 } as const
type ProposedField = keyof typeof proposalSteps

/** What a model may propose. Any other field, such as a mode or a limit, refuses the proposal: those are code's. */
export const modelProposal = z.strictObject({
  policy: policySchema
    .pick({ max_position: true, cash_reserve: true, min_edge_bps: true, cool_down_seconds: true })
    .partial()
    .strict()
    .optional(),
  wording: z.string().min(1).max(600).optional(),
  reason: z.string().min(1).max(300),
})

export const proposalFault = z.enum(['NOT_A_PROPOSAL', 'EMPTY', 'STEP_TOO_LARGE', 'OUT_OF_BOUNDS', 'UNSAFE_WORDING'])

export type CheckedProposal =
  | { readonly ok: true; readonly policy: Policy; readonly wording: string | null; readonly reason: string }
  | { readonly ok: false; readonly reason: z.infer<typeof proposalFault>; readonly detail: string }

/** What of a model's proposal may be used on `policy`, the policy that code chose. Refused as a whole, with what was found. */
export function checkProposal(proposal: DecisionAnalysis['proposal'], policy: Policy): CheckedProposal {
  const parsed = modelProposal.safeParse(proposal)
  if (!parsed.success) return refused('NOT_A_PROPOSAL', cleanText(parsed.error.issues.map(describe).join('; '), 300))
  const { policy: values = {}, wording, reason } = parsed.data
  if (wording === undefined && Object.values(values).every((value) => value === undefined))
    return refused('EMPTY', 'it names neither a value nor a wording')
  const leap = (Object.keys(proposalSteps) as ProposedField[]).find((field) => isLeap(field, policy[field], values[field]))
  if (leap !== undefined)
    return refused('STEP_TOO_LARGE', `${leap} may move by ${proposalSteps[leap]} from ${policy[leap]}, was ${values[leap]}`)
  const changed = policySchema.parse({ ...policy, ...values })
  const [breach] = policyBreaches(changed)
  if (breach !== undefined) return refused('OUT_OF_BOUNDS', `${breach.field} ${breach.problem}`)
  const unsafe = wording === undefined ? null : wordingFault(wording)
  if (unsafe !== null) return refused('UNSAFE_WORDING', unsafe)
  return { ok: true, policy: changed, wording: wording === undefined ? null : cleanText(wording, 600), reason: cleanText(reason, 300) }
}

function isLeap(field: ProposedField, from: number, to: number | undefined): boolean {
  return to !== undefined && Math.abs(to - from) > proposalSteps[field] + 1e-9
}

const forbidden: readonly (readonly [RegExp, string])[] = [
  [/^\s*#|[`{}<>[\]]|:\/\//m, 'it may hold no heading, code, brackets or address'],
  [/\d\s*(?:%|per ?cent|bps|basis points)/i, 'it may name no bound of its own: those are in the policy'],
  [
    /\b(?:ignore|disregard|override|bypass|forget|instructions?|system prompt|answer format|unlimited|all[- ]in)\b/i,
    'it may not speak of rules and formats',
  ],
]

/** Advice only: wording is added to a prompt, where it must not pass for one of its parts. */
function wordingFault(wording: string): string | null {
  const text = cleanText(wording, 600)
  if (text === '') return 'it has nothing to read'
  const found = forbidden.find(([pattern]) => pattern.test(text))
  return found === undefined ? null : `${found[1]}, was "${cleanText(text, 80)}"`
}

function describe(issue: z.core.$ZodIssue): string {
  return `${issue.path.join('.') || 'proposal'}: ${issue.message}`
}

function refused(reason: z.infer<typeof proposalFault>, detail: string): CheckedProposal {
  return { ok: false, reason, detail }
}
