import type { Prompt } from '../prompt.ts'
import { draftRiskLimits } from './draft-risk-limits.ts'
import { explainTrade } from './explain-trade.ts'
import { incidentReport } from './incident-report.ts'
import { morningBriefing } from './morning-briefing.ts'
import { preTradeChecklist } from './pre-trade-checklist.ts'
import { reviewPerformance } from './review-performance.ts'
import { whyBlocked } from './why-blocked.ts'

/** Every prompt there is. A new one is one file here and one line. */
export const prompts: readonly Prompt[] = [
  morningBriefing,
  explainTrade,
  preTradeChecklist,
  whyBlocked,
  reviewPerformance,
  draftRiskLimits,
  incidentReport,
]
