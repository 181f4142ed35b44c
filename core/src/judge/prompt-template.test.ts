import { describe, expect, it } from 'vitest'
import { componentNames, renderTemplate } from './prompt-template.ts'
import { firstPromptVersion } from './first-prompt-version.ts'
import { policyForMode } from './policy.ts'
import { defaultPreferences } from '../contract/preferences.ts'
import { promptMode, promptVersion } from '../contract/prompt-version.ts'
import { textHash } from '../agent/text-hash.ts'

const contextOf = (mode: (typeof promptMode.options)[number], trend: 'stable' | 'declining' = 'stable') => ({
  policy: policyForMode(mode, defaultPreferences),
  trend,
})

describe('prompt template', () => {
  it('joins the components that apply by falling priority', () => {
    expect(componentNames(contextOf('standard'))).toEqual([
      'role_definition',
      'operational_workflow',
      'decision_framework',
      'risk_management',
      'order_execution',
      'reporting',
    ])
    expect(componentNames(contextOf('aggressive'))).toContain('aggressive_trading')
  })

  it('adds the performance focus only while results decline', () => {
    expect(componentNames(contextOf('performance', 'declining'))).toContain('performance_focus')
    expect(componentNames(contextOf('performance'))).not.toContain('performance_focus')
  })

  it('writes another prompt for every mode, with the numbers of its policy', () => {
    const texts = promptMode.options.map((mode) => renderTemplate(contextOf(mode)))
    expect(new Set(texts).size).toBe(4)
    expect(renderTemplate(contextOf('conservative'))).toContain(
      'At most 14 % of equity in one product; at least 20 % of equity stays in cash',
    )
  })
})

describe('prompt version 1', () => {
  it('is the standard mode, active, and fits the contract', () => {
    const version = firstPromptVersion(1_522_800_000_000)
    expect(promptVersion.parse(version)).toEqual(version)
    expect(version).toMatchObject({ version: 1, mode: 'standard', is_active: true, text_hash: textHash(version.text) })
    expect(version.policy).toEqual(policyForMode('standard', defaultPreferences))
  })
})
