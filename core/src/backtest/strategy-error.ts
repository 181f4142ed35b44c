/** A strategy threw, or wished for something that cannot be. It ends the run; nothing of it is kept. */
export class StrategyError extends Error {
  /** End of the candles it was looking at, ms. */
  readonly marketTime: number

  constructor(marketTime: number, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.name = 'StrategyError'
    this.marketTime = marketTime
  }
}
