import type { Tool } from '../tool.ts'
import { cancelOrder } from './cancel-order.ts'
import { flattenPositions } from './flatten-positions.ts'
import { getDecision } from './get-decision.ts'
import { getFeatureVector } from './get-feature-vector.ts'
import { getHistoricalTicks } from './get-historical-ticks.ts'
import { getPendingFeedback } from './get-pending-feedback.ts'
import { getPerformanceMetrics } from './get-performance-metrics.ts'
import { getPortfolioStatus } from './get-portfolio-status.ts'
import { getPromptHistory } from './get-prompt-history.ts'
import { getRiskMetrics } from './get-risk-metrics.ts'
import { getTransactionHistory } from './get-transaction-history.ts'
import { getUserPreferences } from './get-user-preferences.ts'
import { haltTrading } from './halt-trading.ts'
import { listDecisions } from './list-decisions.ts'
import { listOrders } from './list-orders.ts'
import { listWallets } from './list-wallets.ts'
import { pauseTrading } from './pause-trading.ts'
import { placeMockOrder } from './place-mock-order.ts'
import { resumeTrading } from './resume-trading.ts'
import { rollbackPrompt } from './rollback-prompt.ts'
import { sendUserFeedback } from './send-user-feedback.ts'
import { setTradeableFraction } from './set-tradeable-fraction.ts'
import { setUserPreferences } from './set-user-preferences.ts'
import { startMarketStream } from './start-market-stream.ts'
import { stopMarketStream } from './stop-market-stream.ts'
import { subscribeCexStream } from './subscribe-cex-stream.ts'
import { updateSystemPrompt } from './update-system-prompt.ts'

/** Every tool there is. A new one is one file here and one line. */
export const tools: readonly Tool[] = [
  startMarketStream,
  stopMarketStream,
  subscribeCexStream,
  getPortfolioStatus,
  getTransactionHistory,
  getPerformanceMetrics,
  getRiskMetrics,
  getHistoricalTicks,
  getFeatureVector,
  listOrders,
  placeMockOrder,
  cancelOrder,
  pauseTrading,
  resumeTrading,
  haltTrading,
  flattenPositions,
  listWallets,
  setTradeableFraction,
  listDecisions,
  getDecision,
  getPromptHistory,
  updateSystemPrompt,
  rollbackPrompt,
  setUserPreferences,
  getUserPreferences,
  sendUserFeedback,
  getPendingFeedback,
]
