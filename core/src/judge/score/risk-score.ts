import { clampScore } from './clamp.ts'

/**
 * Points for risk: 100 - 200 x (drawdown - 20 %) - 100 x (concentration - 30 %), each only where positive, - 20 below 5 % cash,
 * - 15 above 80 % cash (reference-facts 3). All as fractions; what is not known costs nothing.
 */
export function riskScore(risk: {
  readonly maxDrawdown: number | null
  readonly concentration: number | null
  readonly cashRatio: number | null
}): number {
  const { maxDrawdown, concentration, cashRatio } = risk
  const drawdown = 200 * excess(maxDrawdown, 0.2)
  const concentrated = 100 * excess(concentration, 0.3)
  const cash = cashRatio === null ? 0 : cashRatio < 0.05 ? 20 : cashRatio > 0.8 ? 15 : 0
  return clampScore(100 - drawdown - concentrated - cash)
}

function excess(value: number | null, limit: number): number {
  return value === null ? 0 : Math.max(0, value - limit)
}
