import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { afterEvaluation, dueCause, judgeClock, type JudgeClock, requestEvaluation, startClock } from './judge-clock.ts'
import { timingTable } from './timing-table.ts'

const minute = 60_000
const hour = 60 * minute
const started = startClock({ marketTime: 0, equity: '10000' })
const scheduled = {
  market_time: hour,
  cause: 'schedule' as const,
  forced: false,
  status: 'scored' as const,
  overall_score: 60,
  trend: 'stable' as const,
  equity: '10000',
}
const due = (clock: JudgeClock, marketTime: number, losses = 0) => dueCause(clock, { marketTime, losses })

describe('the judge`s clock', () => {
  it('waits ten minutes after the start of a run, then evaluates', () => {
    expect(due(started, 10 * minute - 1)).toBeNull()
    expect(due(started, 10 * minute)).toBe('schedule')
    expect(due(started, 5 * minute, 9)).toBeNull()
  })

  it.each([
    ['ordinary results', {}, 4 * hour],
    ['a loss of more than 1 % since the last one', { equity: '9899' }, 2 * hour],
    ['a loss of 1 % exactly', { equity: '9900' }, 4 * hour],
    ['a score below 40', { overall_score: 39.9 }, 2 * hour],
    ['falling scores', { trend: 'declining' as const }, 2 * hour],
    ['a score above 70 and a gain above 0.5 %', { overall_score: 71, equity: '10051' }, 6 * hour],
    ['a score above 70 without the gain', { overall_score: 71, equity: '10050' }, 4 * hour],
    ['too little evidence', { status: 'insufficient_evidence' as const, overall_score: null, trend: null }, 30 * minute],
    [
      'a loss and too little evidence',
      { status: 'insufficient_evidence' as const, overall_score: null, trend: null, equity: '9000' },
      2 * hour,
    ],
  ])('after %s', (_name, change, distance) => {
    const clock = afterEvaluation(started, { ...scheduled, ...change })
    expect(clock.interval_ms).toBe(distance)
    expect(clock.next_at).toBe(hour + distance)
    expect(judgeClock.parse(clock)).toEqual(clock)
  })

  it('never gets faster than half an hour nor slower than a day, and comes back to the cadence', () => {
    const after = (count: number, change: object) =>
      Array.from({ length: count }).reduce<JudgeClock>(
        (clock) => afterEvaluation(clock, { ...scheduled, ...change, equity: clock.last_equity }),
        started,
      )
    expect(after(9, { overall_score: 10 }).interval_ms).toBe(30 * minute)
    const well = Array.from({ length: 9 }).reduce<JudgeClock>(
      (clock) => afterEvaluation(clock, { ...scheduled, overall_score: 90, equity: String(Number(clock.last_equity) * 1.1) }),
      started,
    )
    expect(well.interval_ms).toBe(24 * hour)
    expect(afterEvaluation(well, { ...scheduled, equity: well.last_equity }).interval_ms).toBe(4 * hour)
  })

  it('brings the next one forward after three losses, but never within ten minutes of the last', () => {
    const clock = afterEvaluation(started, scheduled)
    expect(due(clock, hour + 9 * minute, 5)).toBeNull()
    expect(due(clock, hour + 10 * minute, 2)).toBeNull()
    expect(due(clock, hour + 10 * minute, 3)).toBe('losses')
  })

  it('grants a request four hours after the last evaluation; force skips that wait', () => {
    const clock = afterEvaluation(started, scheduled)
    expect(requestEvaluation(clock, { marketTime: hour + 4 * hour - 1, force: false })).toMatchObject({
      ok: false,
      reason: 'COOL_DOWN',
      retry_at: 5 * hour,
    })
    expect(requestEvaluation(clock, { marketTime: 5 * hour, force: false })).toEqual({ ok: true })
    expect(requestEvaluation(clock, { marketTime: hour + 1, force: true })).toEqual({ ok: true })
  })

  it('refuses a request while it starts, unless it is forced', () => {
    expect(requestEvaluation(started, { marketTime: minute, force: false })).toMatchObject({ reason: 'STARTING', retry_at: 10 * minute })
    expect(requestEvaluation(started, { marketTime: minute, force: true })).toEqual({ ok: true })
  })

  it('moves neither schedule nor distance for one asked for by hand, but keeps its gap from it', () => {
    const manual = afterEvaluation(started, {
      ...scheduled,
      cause: 'manual',
      forced: true,
      market_time: 9 * minute,
      overall_score: 1,
      equity: '1',
    })
    expect(manual).toEqual({ ...started, last_at: 9 * minute, forced_at: [9 * minute] })
    expect(due(manual, 10 * minute)).toBeNull()
    expect(due(manual, 19 * minute)).toBe('schedule')
  })

  it('lets nobody flood it: forced ones keep five minutes and twelve a day', () => {
    let clock = started
    let granted = 0
    for (let marketTime = 0; marketTime < 24 * hour; marketTime += minute) {
      if (!requestEvaluation(clock, { marketTime, force: true }).ok) continue
      granted += 1
      clock = afterEvaluation(clock, { ...scheduled, cause: 'manual', forced: true, market_time: marketTime })
    }
    expect(granted).toBe(12)
    expect(clock.forced_at[1]).toBe(5 * minute)
    expect(requestEvaluation(clock, { marketTime: 24 * hour - 1, force: true })).toMatchObject({ reason: 'TOO_OFTEN', retry_at: 24 * hour })
    expect(requestEvaluation(clock, { marketTime: 24 * hour, force: true })).toEqual({ ok: true })
  })

  it('always evaluates again within a day, and bounded often, whatever the results', () => {
    const result = fc.record({
      overall_score: fc.option(fc.integer({ min: 0, max: 100 })),
      trend: fc.constantFrom('improving' as const, 'stable' as const, 'declining' as const),
      equity: fc.integer({ min: 1, max: 20_000 }).map(String),
      losses: fc.integer({ min: 0, max: 6 }),
    })
    fc.assert(
      fc.property(fc.array(result, { minLength: 1, maxLength: 60 }), (results) => {
        let clock = started
        let last = 0
        for (const { losses, overall_score, ...rest } of results) {
          let marketTime = last
          while (due(clock, marketTime, losses) === null) marketTime += 5 * minute
          expect(marketTime - last).toBeLessThanOrEqual(timingTable.longest_ms)
          expect(marketTime - last).toBeGreaterThanOrEqual(timingTable.least_gap_ms)
          const status = overall_score === null ? ('insufficient_evidence' as const) : ('scored' as const)
          clock = afterEvaluation(clock, { ...scheduled, ...rest, overall_score, status, market_time: marketTime })
          last = marketTime
        }
      }),
    )
  })
})
