/** What a simulated execution costs and how much it may take. Every number is settable. */
export interface FillModel {
  /** Of notional, for an order that takes what is on the book. */
  readonly takerFeeBps: number
  /** Of notional, for an order that was resting. */
  readonly makerFeeBps: number
  /** Impact of an order as large as the last full minute's trading. */
  readonly impactBps: number
  /** Impact where the last minute's trading is unknown or nothing. */
  readonly unknownImpactBps: number
  /** Share of a candle's volume that all our orders together may take. */
  readonly maxParticipation: number
}

/** No order moves a price by more than half: beyond that the square root says nothing, and a sale must bring something. */
export const maxImpact = 0.5

export const defaultFillModel: FillModel = {
  takerFeeBps: 60,
  makerFeeBps: 40,
  impactBps: 10,
  unknownImpactBps: 100,
  maxParticipation: 0.1,
}
