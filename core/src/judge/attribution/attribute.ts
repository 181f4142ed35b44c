import type { Attribution } from '../../contract/prompt-version.ts'
import type { VenueFill } from '../../contract/fill.ts'
import { equitySamples } from '../../metrics/equity-series.ts'
import { maxDrawdown } from '../../metrics/max-drawdown.ts'
import { mean } from '../../metrics/statistics.ts'
import { Decimal, decimal, sum, toText, zero } from '../../money/decimal.ts'
import type { JudgedDecision, JudgedOrder } from '../score/judge-window.ts'
import { type Buyer, entryShares, type FillShare } from './entry-shares.ts'

interface AttributionInput {
  /** When which version became active, in order of market time; a rollback is one more. */
  readonly activations: readonly { readonly version: number; readonly market_time: number }[]
  /** Until when the last one counts. */
  readonly end: number
  readonly decisions: readonly Pick<JudgedDecision, 'id' | 'prompt_version' | 'orders'>[]
  readonly orders: readonly Pick<JudgedOrder, 'order_id' | 'correlation_id'>[]
  /** Every fill of the book from its first on, in order of time. */
  readonly fills: readonly VenueFill[]
  readonly equity: readonly { readonly market_time: number; readonly equity: string }[]
  /** Scheduled evaluations with a score. */
  readonly scores: readonly { readonly prompt_version: number; readonly overall_score: number }[]
}

/** What each version did, under its number. What a person bought is nobody's. */
export function attribute(input: AttributionInput): ReadonlyMap<number, Attribution> {
  const versions = [...new Set(input.activations.map(({ version }) => version))]
  const shares = sharesByVersion(input)
  const curve = input.equity.toSorted((a, b) => a.market_time - b.market_time)
  return new Map(
    versions.map((version) => {
      const decisions = input.decisions.filter(({ prompt_version }) => prompt_version === version)
      const own = shares.filter(({ buyer }) => buyer === version)
      return [
        version,
        {
          decisions: decisions.length,
          orders: decisions.reduce((total, { orders }) => total + orders.length, 0),
          closed_trades: closedBy(version, shares),
          realized_pnl: toText(sum(own.map(({ realizedPnl }) => realizedPnl))),
          fees: toText(sum(own.map(({ fee }) => fee))),
          ...whileActive(spansOf(version, input), curve),
          score: mean(input.scores.filter(({ prompt_version }) => prompt_version === version).map(({ overall_score }) => overall_score)),
        },
      ] as const
    }),
  )
}

/** An order belongs to the version of the decision that it is correlated with. */
function sharesByVersion({ decisions, orders, fills }: AttributionInput): FillShare[] {
  const versionOf = new Map(decisions.map(({ id, prompt_version }) => [id, prompt_version]))
  const buyerOf = new Map<string, Buyer>(orders.map(({ order_id, correlation_id }) => [order_id, versionOf.get(correlation_id) ?? null]))
  return entryShares(fills, (orderId) => buyerOf.get(orderId) ?? null)
}

/** Exit orders of which `version` had bought the most; of equals the one that bought first. */
function closedBy(version: number, shares: readonly FillShare[]): number {
  const exits = new Map<string, Map<Buyer, Decimal>>()
  for (const { orderId, buyer, sold } of shares) {
    if (sold.isZero()) continue
    const parts = exits.get(orderId) ?? new Map<Buyer, Decimal>()
    exits.set(orderId, parts.set(buyer, (parts.get(buyer) ?? zero).plus(sold)))
  }
  const winners = [...exits.values()].map((parts) => [...parts].reduce((best, part) => (part[1].gt(best[1]) ? part : best))[0])
  return winners.filter((winner) => winner === version).length
}

interface Span {
  readonly from: number
  readonly to: number
}

function spansOf(version: number, { activations, end }: AttributionInput): Span[] {
  return activations.flatMap((activation, index) =>
    activation.version === version
      ? [{ from: activation.market_time, to: Math.max(activation.market_time, activations[index + 1]?.market_time ?? end) }]
      : [],
  )
}

function whileActive(
  spans: readonly Span[],
  curve: AttributionInput['equity'],
): Pick<Attribution, 'equity_change' | 'active_ms' | 'max_drawdown'> {
  // Before the first sample, equity was that of the first.
  const indexAt = (time: number): number =>
    Math.max(
      0,
      curve.findLastIndex(({ market_time }) => market_time <= time),
    )
  const parts = spans.map(({ from, to }) => curve.slice(indexAt(from), indexAt(to) + 1))
  const depths = parts.flatMap((part) => maxDrawdown(equitySamples(part))?.depth ?? [])
  return {
    equity_change: toText(sum(parts.map((part) => decimal(part.at(-1)?.equity ?? '0').minus(part[0]?.equity ?? '0')))),
    active_ms: spans.reduce((total, { from, to }) => total + to - from, 0),
    max_drawdown: depths.length === 0 ? null : Math.max(...depths),
  }
}
