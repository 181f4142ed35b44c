import type { Decision, ProductDecision } from '@trader/core/contract/decision'
import type { Fill } from '@trader/core/contract/fill'
import type { ModelCall } from '@trader/core/contract/model-call'
import type { Order } from '@trader/core/contract/order'
import { decimal, toText } from '@trader/core/money/decimal'
import type { Posting } from '../database/queries/list-postings.ts'
import type { DecisionStory } from '../trading/decision-story.ts'
import { conversation, indented } from './describe-conversation.ts'
import { describeTime } from './describe-time.ts'
import { table } from './output.ts'

/** A decision with everything it caused, as `decision show --json` prints it. */
export interface FullStory extends DecisionStory {
  readonly decision: Decision
  /** The prompt of each model call; null where it is not kept. */
  readonly prompts: readonly (string | null)[]
  readonly postings: readonly Posting[]
  readonly next: readonly Pick<
    Decision,
    'id' | 'market_time' | 'action' | 'products' | 'orders' | 'prompt_version' | 'model' | 'hold_reason'
  >[]
}

/** The whole story in the order in which it happened, for somebody who was just woken up. */
export function describeDecision(story: FullStory): string {
  const { decision } = story
  return [
    heading(decision),
    section('What it saw', seen(decision)),
    section('Gate: does anything justify asking a model?', gate(decision)),
    section('Model', model(story)),
    section('What it proposed', proposal(decision)),
    section('Refused by risk', blocks(decision)),
    section('Orders', orders(story.orders)),
    section('Fills', fills(story.fills)),
    section('Postings in the ledger', postings(story.postings)),
    section('What happened next', next(story)),
    ...story.model_calls.map((call, index) => section(`In full: ${call.call_id}`, conversation(call, story.prompts[index] ?? null))),
  ].join('\n\n')
}

function section(title: string, lines: readonly string[]): string {
  return [title, ...(lines.length === 0 ? ['nothing'] : lines).flatMap((line) => line.split('\n')).map((line) => `  ${line}`)].join('\n')
}

function heading(decision: Decision): string {
  const { id, action, hold_reason, hold_detail, run_id, book, market_time, recorded_at, feedback_used, preferences_version } = decision
  return [
    `${action}${hold_reason === null ? '' : ` because of ${hold_reason}`}${hold_detail === null ? '' : `: ${hold_detail}`}`,
    `decision ${id}`,
    `run ${run_id}, book ${book}`,
    `woken by the nudge of market time ${describeTime(market_time)}, recorded at ${describeTime(recorded_at)}`,
    `preferences version ${preferences_version ?? '-'}; feedback read: ${feedback_used.join(', ') || 'none'}`,
  ].join('\n')
}

function seen({ snapshot }: Decision): string[] {
  const { portfolio, trading } = snapshot
  const money = `cash ${portfolio.cash} (held ${portfolio.held_cash}), scraped ${portfolio.scraped}, positions ${portfolio.position_value}, equity ${portfolio.equity}`
  const rows = snapshot.products.map(({ product, tick, features, stop_price, take_profit }) => [
    product,
    tick?.price ?? '-',
    tick === null ? '-' : `${tick.bid} / ${tick.ask}`,
    number(features?.return_5m),
    number(features?.rsi_14),
    number(features?.atr_pct),
    portfolio.positions.find((position) => position.product === product)?.quantity ?? '0',
    `${stop_price ?? '-'} / ${take_profit ?? '-'}`,
  ])
  return [
    `trading ${trading}; ${money}`,
    table([['product', 'price', 'bid / ask', '5m return', 'RSI', 'ATR %', 'held', 'stop / target'], ...rows]),
  ]
}

function number(value: number | null | undefined): string {
  return value === null || value === undefined ? '-' : String(Number(value.toPrecision(4)))
}

function gate({ gate: { verdicts } }: Decision): string[] {
  return verdicts.map(({ product, is_open, reason, move_pct, age_ms }) => {
    const since =
      age_ms === null ? 'never asked before' : `moved ${number(move_pct)} % in the ${Math.round(age_ms / 1000)} s since it was last asked`
    return `${product}: ${is_open ? 'open' : 'closed'}, ${reason} (${since})`
  })
}

function model({ decision, model_calls }: FullStory): string[] {
  const hash = decision.prompt_hash === null ? '' : ` (prompt ${decision.prompt_hash.slice(0, 12)}, in full below)`
  const header = `${decision.model ?? 'no model was asked'}, prompt version ${decision.prompt_version ?? '-'}${hash}`
  return [header, ...model_calls.map(describeCall)]
}

function describeCall(call: ModelCall): string {
  const trouble = call.error === null ? '' : `; ${call.error}`
  return `call ${call.call_id}: ${call.outcome} after ${call.latency_ms} ms, ${call.tokens_in} + ${call.tokens_out} tokens, ${call.cost_usd} USD${trouble}`
}

function proposal({ proposal: proposed }: Decision): string[] {
  if (proposed === null) return []
  return [...proposed.decisions.flatMap(describeProposal), `summary: ${proposed.summary}`]
}

function describeProposal(each: ProductDecision): string[] {
  const size =
    each.notional === undefined
      ? each.fraction && `${each.fraction} of ${each.action === 'SELL' ? 'the holding' : 'equity'}`
      : `for ${each.notional}`
  const prices = [
    each.limit_price && `limit ${each.limit_price}`,
    each.stop_price && `stop ${each.stop_price}`,
    each.take_profit && `target ${each.take_profit}`,
  ]
  const what = [each.action, each.product, each.action === 'HOLD' ? undefined : size, ...prices].filter(Boolean).join(' ')
  return [
    `${what} (confidence ${each.confidence}, expected edge ${each.expected_edge_bps} bps)`,
    indented(each.reasoning),
    ...each.evidence.map((line) => `  - ${line}`),
  ]
}

function blocks(decision: Decision): string[] {
  return decision.blocks.map(({ reason, detail, request }) => `${reason}: ${request.side} ${request.product}: ${detail}`)
}

function orders(all: readonly Order[]): string[] {
  if (all.length === 0) return []
  const rows = all.map((each) => [
    each.order_id,
    each.side,
    each.product,
    each.type,
    each.quantity,
    each.limit_price ?? each.stop_price ?? each.take_profit ?? '-',
    each.filled_quantity,
    each.average_price === null ? '-' : shortPrice(each.average_price),
    each.fee,
    each.state,
    each.state_reason ?? '',
  ])
  return [table([['order', 'side', 'product', 'type', 'quantity', 'price', 'filled', 'at', 'fee', 'state', 'why'], ...rows])]
}

/** An average of several fills has as many decimals as division gives it; the fills below have the exact prices. */
export function shortPrice(price: string): string {
  return toText(decimal(price).toDecimalPlaces(8))
}

function fills(all: readonly Fill[]): string[] {
  if (all.length === 0) return []
  const rows = all.map((each) => [
    describeTime(each.market_time),
    each.side,
    each.quantity,
    each.product,
    each.price,
    each.notional,
    `${each.fee} ${each.liquidity}`,
    each.realized_pnl,
    each.scraped,
    each.order_id,
  ])
  return [table([['market time', 'side', 'quantity', 'product', 'price', 'notional', 'fee', 'realized', 'scraped', 'order'], ...rows])]
}

function postings(all: readonly Posting[]): string[] {
  if (all.length === 0) return []
  return [
    table([
      ['transaction', 'account', 'amount', 'asset', 'balance'],
      ...all.map((each) => [each.idem_key, each.account, each.amount, each.asset, each.balance_after]),
    ]),
  ]
}

function next({ next: decisions, orders: all }: FullStory): string[] {
  const protections = all.filter(({ parent_order_id }) => parent_order_id !== null)
  return [
    ...protections.map(
      ({ type, product, state, state_reason }) => `${type} of ${product}: ${state}${state_reason === null ? '' : `, ${state_reason}`}`,
    ),
    ...decisions.map(({ id, market_time, action, hold_reason, orders: placed }) => {
      const what = action === 'HOLD' ? `HOLD (${hold_reason ?? 'no reason'})` : `TRADE (${placed.length} orders)`
      return `${describeTime(market_time)}: ${what}, ${id}`
    }),
  ]
}
