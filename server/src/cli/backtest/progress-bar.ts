import type { RunProgress } from '@trader/core/backtest/run'
import { utcDate } from '@trader/core/backtest/utc-date'

const width = 30

interface Terminal {
  readonly isTTY?: boolean
  readonly write: (text: string) => unknown
}

/** A line on the terminal that says how far a run is, how fast it goes and how long it will still take. Elsewhere it says nothing. */
export function progressBar(
  terminal: Terminal,
  now: () => number = () => performance.now(),
): { readonly show: (progress: RunProgress) => void; readonly end: () => void } {
  const began = now()
  let isShown = false
  return {
    show(progress) {
      if (terminal.isTTY !== true) return
      isShown = true
      terminal.write(`\r${progressLine(progress, (now() - began) / 1000)}\u001B[K`)
    },
    end() {
      if (isShown) terminal.write('\r\u001B[K')
      isShown = false
    },
  }
}

/** `[######----] 52 %  3.1M bars/s  0:07 left  2021-03-04`, after so many seconds. */
export function progressLine({ done, total, marketTime }: Pick<RunProgress, 'done' | 'total' | 'marketTime'>, seconds: number): string {
  const share = total > 0 ? done / total : 1
  const filled = Math.round(share * width)
  const rate = seconds > 0 ? done / seconds : 0
  const left = rate > 0 ? (total - done) / rate : 0
  const bar = `${'#'.repeat(filled)}${'-'.repeat(width - filled)}`
  return `[${bar}] ${Math.floor(share * 100)} %  ${rateText(rate)} bars/s  ${minutes(left)} left  ${utcDate(marketTime)}`
}

function rateText(rate: number): string {
  if (rate >= 1e6) return `${(rate / 1e6).toFixed(1)}M`
  return rate >= 1e3 ? `${(rate / 1e3).toFixed(0)}k` : rate.toFixed(0)
}

function minutes(seconds: number): string {
  const whole = Math.ceil(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}
