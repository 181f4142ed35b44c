import { defaultRiskLimits } from '@trader/core/risk/limits'
import { z } from 'zod'
import { activePromptVersion } from '../../database/queries/list-prompt-versions.ts'
import { getPreferences } from '../../database/queries/preferences.ts'
import { getTradingFlag } from '../../database/queries/trading-flag.ts'
import { defineJsonResource, stateTtlMs } from '../resource.ts'

export const riskLimits = defineJsonResource({
  uri: 'trader://risk/limits',
  name: 'risk-limits',
  title: 'Risk limits',
  description:
    'What bounds every order now: the limits that code enforces, the policy of the active prompt version, the preferences that only tighten, and whether trading is on.',
  variables: z.strictObject({}),
  async read({ pool, config }) {
    const [version, preferences, trading] = await Promise.all([
      activePromptVersion(pool),
      getPreferences(pool),
      getTradingFlag(pool, config.TRADING_MODE),
    ])
    const policy = version === null ? null : { prompt_version: version.version, ...version.policy }
    return { content: { limits: defaultRiskLimits, policy, preferences, trading }, ttlMs: stateTtlMs }
  },
})
