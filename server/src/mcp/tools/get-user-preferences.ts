import { storedPreferences } from '@trader/core/contract/preferences'
import { userPreferencesQuery } from '@trader/workflows/messages'
import { brokerAgentId } from '@trader/workflows/names'
import { z } from 'zod'
import { getPreferences } from '../../database/queries/preferences.ts'
import { knownFailure } from '../tool-failure.ts'
import { defineTool, readHints } from '../tool.ts'

const queryDeadlineMs = 3000

export const getUserPreferences = defineTool({
  name: 'get_user_preferences',
  title: 'User preferences',
  description:
    'What the user wants of the agents: risk tolerance, style, scraping, position size, reserve and loss limits. Use it before advising or deciding.',
  input: z.strictObject({}),
  output: storedPreferences,
  hints: readHints,
  scope: 'read',
  primitive: 'query',
  async run({ temporal, pool }) {
    try {
      return await temporal.withDeadline(Date.now() + queryDeadlineMs, () =>
        temporal.workflow.getHandle(brokerAgentId).query(userPreferencesQuery),
      )
    } catch (error) {
      if (knownFailure(error) === null) throw error
      return getPreferences(pool)
    }
  },
})
