import type { ProductDecision } from '../contract/decision.ts'

/** What makes a proposal ambiguous, as a sentence; null when it can be carried out as it stands. A HOLD is never ambiguous. */
export function proposalConflict(proposal: ProductDecision): string | null {
  if (proposal.action === 'HOLD') return null
  if (proposal.notional !== undefined && proposal.fraction !== undefined) return 'give notional or fraction, not both'
  if (proposal.notional === undefined && proposal.fraction === undefined) return `a ${proposal.action} needs notional or fraction`
  if (proposal.fraction === 0) return 'fraction must be above 0'
  if (proposal.order_type === 'limit' && proposal.limit_price === undefined) return 'a limit order needs limit_price'
  if (proposal.order_type === 'market' && proposal.limit_price !== undefined) return 'a market order takes no limit_price'
  if (proposal.action === 'SELL' && (proposal.stop_price !== undefined || proposal.take_profit !== undefined)) {
    return 'a SELL takes no stop_price or take_profit; they guard an entry'
  }
  return null
}
