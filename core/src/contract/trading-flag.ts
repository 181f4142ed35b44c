import { z } from 'zod'

/** Paused: no new entries. Halted: no order at all. */
export const tradingFlag = z.enum(['active', 'paused', 'halted'])
export type TradingFlag = z.infer<typeof tradingFlag>
