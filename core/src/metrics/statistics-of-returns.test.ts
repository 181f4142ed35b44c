import { describe, expect, it } from 'vitest'
import { annualizedReturn } from './annualized-return.ts'
import { periodsPerYear } from './annualization.ts'
import { calmarRatio } from './calmar.ts'
import { equityPerPeriod, equitySamples } from './equity-series.ts'
import { timeInMarket } from './exposure.ts'
import { maxDrawdown } from './max-drawdown.ts'
import { periodReturns, totalReturn } from './returns.ts'
import { sharpeRatio } from './sharpe.ts'
import { sortinoRatio } from './sortino.ts'
import { valueAtRisk95 } from './value-at-risk.ts'
import { volatility } from './volatility.ts'

const day = 86_400_000
const daily = { returns: [0.01, -0.02, 0.03, 0, -0.01], periodMs: day }
const samplesOf = (...equity: number[]) => equity.map((value, index) => ({ marketTime: index * 1000, equity: value }))

describe('returns', () => {
  it('are changes from one period to the next', () => {
    expect(periodReturns([100, 110, 99])).toEqual([expect.closeTo(0.1, 12), expect.closeTo(-0.1, 12)])
    expect(totalReturn([100, 50, 120])).toBeCloseTo(0.2, 12)
  })

  it('have no value without equity to start from', () => {
    expect([periodReturns([]), periodReturns([100]), periodReturns([0, 5])]).toEqual([[], [], []])
    expect([totalReturn([]), totalReturn([0, 5])]).toEqual([null, null])
  })

  it('are taken at equal distances, with the last known equity', () => {
    const samples = [0, 400, 1000, 2900, 3500].map((marketTime, index) => ({ marketTime, equity: index }))
    expect(equityPerPeriod({ samples, periodMs: 1000 })).toEqual([0, 2, 2, 3])
    expect(equityPerPeriod({ samples: [], periodMs: 1000 })).toEqual([])
    expect(() => equityPerPeriod({ samples, periodMs: 0 })).toThrow('was 0')
  })

  it('come in order of time, however they were stored', () => {
    expect(
      equitySamples([
        { market_time: 2, equity: '3' },
        { market_time: 1, equity: '2.5' },
      ]),
    ).toEqual([
      { marketTime: 1, equity: 2.5 },
      { marketTime: 2, equity: 3 },
    ])
  })
})

describe('ratios per year', () => {
  it('know how many periods a year has', () => {
    expect([periodsPerYear(day), periodsPerYear(60_000)]).toEqual([365, 525_600])
  })

  it('agree with a calculation by hand', () => {
    expect(sharpeRatio(daily)).toBeCloseTo(1.9320174936333498, 10)
    expect(sortinoRatio(daily)).toBeCloseTo(3.7163098503905156, 10)
    expect(volatility(daily)).toBeCloseTo(0.36749149650025914, 10)
  })

  it('scale with the period: the same returns each minute deviate by the root of the periods', () => {
    const perDay = volatility(daily) ?? 0
    expect(volatility({ ...daily, periodMs: 60_000 })).toBeCloseTo(perDay * Math.sqrt(1440), 8)
  })

  it('are undefined without variation, without a loss, or for one return', () => {
    const flat = { returns: [0.1, 0.1, 0.1], periodMs: day }
    expect([sharpeRatio(flat), sortinoRatio(flat), sharpeRatio({ returns: [0.1], periodMs: day })]).toEqual([null, null, null])
    expect([volatility(flat), volatility({ returns: [], periodMs: day })]).toEqual([expect.closeTo(0, 10), null])
  })
})

describe('annualized return', () => {
  it('compounds to 365 days', () => {
    expect(annualizedReturn({ totalReturn: 0.1, spanMs: 30 * day })).toBeCloseTo(2.1886804769053065, 10)
    expect(annualizedReturn({ totalReturn: 0.1, spanMs: 365 * day })).toBeCloseTo(0.1, 12)
    expect(annualizedReturn({ totalReturn: -1.5, spanMs: day })).toBe(-1)
  })

  it('does not extrapolate minutes to a year', () => {
    expect(annualizedReturn({ totalReturn: 0.003, spanMs: day - 1 })).toBeNull()
    expect(annualizedReturn({ totalReturn: 1e6, spanMs: day })).toBeNull()
  })
})

describe('drawdown', () => {
  it('is the deepest fall below the running peak', () => {
    expect(maxDrawdown(samplesOf(100, 80, 120, 60, 130))).toEqual({ depth: 0.5, durationMs: 2000 })
  })

  it('lasts from the peak until equity is back, or to the end', () => {
    expect(maxDrawdown(samplesOf(100, 90, 95, 99))).toEqual({ depth: 0.1, durationMs: 3000 })
    expect(maxDrawdown(samplesOf(100, 90, 100, 99))?.durationMs).toBe(2000)
    expect(maxDrawdown(samplesOf(1, 2, 2, 3))).toEqual({ depth: 0, durationMs: 0 })
    expect(maxDrawdown([])).toBeNull()
  })

  it('relates to the return in the Calmar ratio', () => {
    expect(calmarRatio({ annualizedReturn: 0.3, maxDrawdown: 0.1 })).toBeCloseTo(3, 12)
    expect(calmarRatio({ annualizedReturn: 0.3, maxDrawdown: 0 })).toBeNull()
  })
})

describe('value at risk', () => {
  it('is the loss at the fifth percentile, between ranks by their distance', () => {
    const hundredths = (from: number, count: number) => Array.from({ length: count }, (_, index) => (from + index) / 100)
    expect(valueAtRisk95(hundredths(-10, 21))).toBeCloseTo(0.09, 12)
    expect(valueAtRisk95(hundredths(-10, 20))).toBeCloseTo(0.0905, 12)
    expect(valueAtRisk95(hundredths(1, 20))).toBe(0)
    expect(valueAtRisk95(hundredths(-10, 19))).toBeNull()
  })
})

describe('time in the market', () => {
  it('is weighted by time', () => {
    const sample = (marketTime: number, hasPosition: boolean) => ({ marketTime, hasPosition })
    expect(timeInMarket([sample(0, true), sample(10, false), sample(40, true)])).toBe(0.25)
    expect(timeInMarket([sample(0, true)])).toBeNull()
  })
})
