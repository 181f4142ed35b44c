import { z } from 'zod'
import { fraction, timestampMs } from './primitives.ts'

export const experienceLevel = z.enum(['beginner', 'intermediate', 'advanced'])
export const riskTolerance = z.enum(['low', 'medium', 'high'])
export const tradingStyle = z.enum(['conservative', 'balanced', 'aggressive'])

/** What the user wants of the agents. Fractions are of equity. */
export const preferences = z.strictObject({
  experience_level: experienceLevel,
  risk_tolerance: riskTolerance,
  trading_style: tradingStyle,
  profit_scraping_percentage: z.number().min(0).max(100),
  position_size_comfort: fraction,
  cash_reserve_level: fraction,
  drawdown_tolerance: fraction,
  max_daily_loss: fraction,
  min_hold_minutes: z.int().min(0).max(10_080),
})
export type Preferences = z.infer<typeof preferences>

export const defaultPreferences: Preferences = {
  experience_level: 'intermediate',
  risk_tolerance: 'medium',
  trading_style: 'balanced',
  profit_scraping_percentage: 20,
  position_size_comfort: 0.2,
  cash_reserve_level: 0.15,
  drawdown_tolerance: 0.15,
  max_daily_loss: 0.03,
  min_hold_minutes: 0,
}

export const storedPreferences = preferences.extend({ version: z.int().min(0), updated_at: timestampMs })
export type StoredPreferences = z.infer<typeof storedPreferences>
