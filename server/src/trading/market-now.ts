import type { Run } from '@trader/core/contract/run'

/** Now on a run's market clock, ms: the wall clock where the market is live, else the time up to which the feed has delivered. */
export function marketNow({ run, wallTime }: { run: Pick<Run, 'market' | 'cursor'>; wallTime: number }): number {
  const isLive = run.market === 'coinbase' || run.market === 'ccxt'
  return isLive ? wallTime : (run.cursor ?? wallTime)
}
