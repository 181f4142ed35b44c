import type { Resource } from '../resource.ts'
import { candles } from './candles.ts'
import { docsPage } from './docs-page.ts'
import { executionPrompt } from './execution-prompt.ts'
import { fills } from './fills.ts'
import { portfolio } from './portfolio.ts'
import { positions } from './positions.ts'
import { riskLimits } from './risk-limits.ts'
import { run } from './run.ts'
import { trace } from './trace.ts'

/** Every resource there is. A new one is one file here and one line. */
export const resources: readonly Resource[] = [portfolio, positions, riskLimits, fills, candles, trace, run, executionPrompt, docsPage]
