import { Decimal, decimal, toText } from '@trader/core/money/decimal'

/** USD per million tokens. */
export interface ModelPrice {
  readonly input: string
  readonly output: string
}

/** Providers' list prices; change them here when they do. A dated name (`gpt-4o-2024-08-06`) costs what its family costs. */
const prices: Readonly<Record<string, ModelPrice>> = {
  offline: { input: '0', output: '0' },
  'openai:gpt-4o': { input: '2.50', output: '10' },
  'openai:gpt-4o-mini': { input: '0.15', output: '0.60' },
  'openai:gpt-4.1': { input: '2', output: '8' },
  'openai:gpt-4.1-mini': { input: '0.40', output: '1.60' },
  'openai:gpt-4.1-nano': { input: '0.10', output: '0.40' },
  'openai:gpt-5': { input: '1.25', output: '10' },
  'openai:gpt-5-mini': { input: '0.25', output: '2' },
  'openai:gpt-5-nano': { input: '0.05', output: '0.40' },
  'openai:o3': { input: '2', output: '8' },
  'openai:o4-mini': { input: '1.10', output: '4.40' },
}

/** What a budget counts for a model that is not in the table, where nobody said: no listed one is dearer. */
export const carefulMaximum: ModelPrice = { input: '15', output: '60' }

export interface CallTokens {
  readonly model: string
  readonly tokensIn: number
  readonly tokensOut: number
}

export interface CallCost {
  /** USD, rounded up to 8 decimals; what a budget counts. */
  readonly costUsd: string
  /** False when the model is not in the table: then the cost is that of `unknownModelPrice`, to be counted but not shown as fact. */
  readonly isKnown: boolean
}

/** The cost of a call from its tokens. */
export function callCost({ model, tokensIn, tokensOut }: CallTokens, unknownModelPrice: ModelPrice = carefulMaximum): CallCost {
  const price = priceOf(model)
  const { input, output } = price ?? unknownModelPrice
  const cost = decimal(input).times(tokensIn).plus(decimal(output).times(tokensOut)).div(1_000_000)
  return { costUsd: toText(cost.toDecimalPlaces(8, Decimal.ROUND_CEIL)), isKnown: price !== null }
}

/** True for a model whose calls cost nothing: no budget stops it. */
export function isFree(model: string, unknownModelPrice: ModelPrice = carefulMaximum): boolean {
  const { input, output } = priceOf(model) ?? unknownModelPrice
  return decimal(input).isZero() && decimal(output).isZero()
}

const pricePair = /^(\d{1,6}(?:\.\d{1,8})?)\/(\d{1,6}(?:\.\d{1,8})?)$/

/** Whether a text is two prices, in/out, such as "0.15/0.60" (USD per million tokens). */
export function isModelPrice(text: string): boolean {
  return pricePair.test(text)
}

/** The price that a text "in/out" says. */
export function modelPrice(text: string): ModelPrice {
  const [, input, output] = pricePair.exec(text) ?? []
  if (input === undefined || output === undefined)
    throw new Error(`a model's price is in/out, such as 0.15/0.60, was ${JSON.stringify(text)}`)
  return { input, output }
}

function priceOf(model: string): ModelPrice | null {
  const family = model.replace(/-\d{4}-\d{2}-\d{2}$/, '')
  return Object.hasOwn(prices, family) ? (prices[family] ?? null) : null
}
