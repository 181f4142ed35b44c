import type { ModelDecision, ProductDecision } from '../contract/decision.ts'
import type { EntrySignal } from './entry-signal.ts'
import { exitReason } from './exit-rule.ts'
import { hourlyVolatilityBps } from './expected-edge.ts'
import { meanReversionSignal } from './mean-reversion.ts'
import { momentumSignal } from './momentum.ts'
import { promptInput, type PromptInput, type PromptProduct } from './prompt-input.ts'
import { sizeEntry } from './volatility-sizing.ts'

/** Sizes below this fraction of equity are not worth an order. */
const minFraction = 0.005

/**
 * The reply of the offline model to a decision prompt's user message; null when the message is not one. It obeys the policy block,
 * knows nothing but the message, and the same message gets the same reply, byte for byte.
 */
export function offlineReply(userMessage: string): string | null {
  const input = readInput(userMessage)
  return input === null ? null : JSON.stringify(decideOffline(input))
}

/** One decision per product asked about. Entries share the cash that the policy leaves free, in the order asked. */
export function decideOffline(input: PromptInput): ModelDecision {
  let freeFraction = freeCashFraction(input)
  const decisions = input.products.map((product): ProductDecision => {
    const decision = decideProduct({ product, input, freeFraction })
    if (decision.action === 'BUY') freeFraction -= decision.fraction ?? 0
    return decision
  })
  return { decisions, summary: summarise(decisions, input) }
}

interface ProductInput {
  readonly product: PromptProduct
  readonly input: PromptInput
  readonly freeFraction: number
}

function decideProduct({ product, input, freeFraction }: ProductInput): ProductDecision {
  if (product.features?.price == null) return hold(product, 'no market data')
  if (Number(product.held_quantity) > 0) {
    const reason = exitReason(product, input.policy)
    return reason === null ? hold(product, 'the position is kept; its stop and take-profit guard it') : sell(product, reason)
  }
  const wait = coolDown(product, input)
  if (wait !== null) return hold(product, wait)
  const signal = bestSignal(product, input.policy)
  if (signal === null) return hold(product, 'no preferred rule sees an entry')
  if (signal.edgeBps < input.policy.min_edge_bps) {
    return hold(product, `expected edge ${signal.edgeBps.toFixed(0)} bps is below the policy's ${input.policy.min_edge_bps} bps`, signal)
  }
  return buy({ product, signal, input, freeFraction })
}

function coolDown({ seconds_since_last_order: waited }: PromptProduct, { policy }: PromptInput): string | null {
  return waited !== null && waited < policy.cool_down_seconds ? `cool-down: ${waited} s of ${policy.cool_down_seconds} s` : null
}

/** The preferred rule that expects most. */
function bestSignal({ features }: PromptProduct, { preferred_rules }: PromptInput['policy']): EntrySignal | null {
  if (features === null) return null
  return [momentumSignal(features), meanReversionSignal(features)]
    .filter((signal) => signal !== null && preferred_rules.includes(signal.rule))
    .reduce((best, signal) => ((signal?.edgeBps ?? 0) > (best?.edgeBps ?? 0) ? signal : best), null)
}

function buy({ product, signal, input, freeFraction }: ProductInput & { readonly signal: EntrySignal }): ProductDecision {
  const { features } = product
  const volatilityBps = features === null ? null : hourlyVolatilityBps(features)
  const price = Number(features?.price)
  if (volatilityBps === null) return hold(product, 'no volatility to size by', signal)
  const { fraction, stopBps, takeProfitBps } = sizeEntry({ volatilityBps, edgeBps: signal.edgeBps, policy: input.policy })
  const affordable = Math.floor(Math.min(fraction, freeFraction) * 10_000) / 10_000
  if (affordable < minFraction) return hold(product, 'the cash reserve leaves nothing to spend', signal)
  return {
    product: product.product,
    action: 'BUY',
    fraction: affordable,
    order_type: 'market',
    stop_price: priceText(price * (1 - stopBps / 10_000)),
    take_profit: priceText(price * (1 + takeProfitBps / 10_000)),
    confidence: confidenceOf(signal, input.policy),
    expected_edge_bps: edgeNumber(signal.edgeBps),
    reasoning: `${signal.rule}: expects ${signal.edgeBps.toFixed(0)} bps before costs; stop ${stopBps.toFixed(0)} bps, take-profit ${takeProfitBps.toFixed(0)} bps away`,
    evidence: [...signal.evidence, `hourly volatility ${volatilityBps.toFixed(0)} bps`],
  }
}

function sell(product: PromptProduct, reason: string): ProductDecision {
  return {
    product: product.product,
    action: 'SELL',
    fraction: 1,
    order_type: 'market',
    confidence: 0.6,
    expected_edge_bps: 0,
    reasoning: reason,
    evidence: [],
  }
}

function hold(product: PromptProduct, reason: string, signal: EntrySignal | null = null): ProductDecision {
  const edge = edgeNumber(signal?.edgeBps ?? 0)
  const evidence = [...(signal?.evidence ?? [])]
  return {
    product: product.product,
    action: 'HOLD',
    order_type: 'market',
    confidence: 0.5,
    expected_edge_bps: edge,
    reasoning: reason,
    evidence,
  }
}

/** Share of equity that may be spent: cash above holds and reserve, less a hundredth and the fee for what a fill may cost more. */
function freeCashFraction({ portfolio, policy, limits }: PromptInput): number {
  const equity = Number(portfolio.equity)
  if (equity <= 0) return 0
  const free = (Number(portfolio.cash) - Number(portfolio.held_cash)) / equity - policy.cash_reserve
  return Math.max(0, free / ((1 + limits.taker_fee_bps / 10_000) * 1.01))
}

/** 0.5 at the policy's least edge, 0.9 from twice that on. */
function confidenceOf(signal: EntrySignal, { min_edge_bps }: PromptInput['policy']): number {
  const excess = min_edge_bps === 0 ? 1 : signal.edgeBps / min_edge_bps - 1
  return Math.round((0.5 + 0.4 * Math.min(1, Math.max(0, excess))) * 100) / 100
}

function summarise(decisions: readonly ProductDecision[], { policy }: PromptInput): string {
  const said = decisions.map(({ product, action }) => `${action} ${product}`).join(', ')
  return `${said || 'nothing asked'} (rules of the ${policy.mode} policy)`
}

function edgeNumber(edgeBps: number): number {
  return Math.round(Math.min(10_000, edgeBps) * 10) / 10
}

/** A trigger price: 6 significant digits move it by less than a tenth of a basis point. */
function priceText(price: number): string {
  const rounded = Number(price.toPrecision(6))
  return rounded >= 1e-6 ? rounded.toFixed(Math.max(0, 6 - Math.ceil(Math.log10(rounded)))) : rounded.toFixed(18)
}

function readInput(userMessage: string): PromptInput | null {
  try {
    const parsed = promptInput.safeParse(JSON.parse(userMessage))
    return parsed.success ? parsed.data : null
  } catch {
    // Not JSON, so not a decision prompt: null says so.
    return null
  }
}
