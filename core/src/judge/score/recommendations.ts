import type { ComponentScores } from '../../contract/evaluation.ts'
import type { WindowFacts } from './measure-window.ts'

interface Scored {
  readonly facts: WindowFacts
  readonly scores: ComponentScores
}

interface Advice {
  readonly applies: (scored: Scored) => boolean
  readonly say: (scored: Scored) => string
}

const percent = (fraction: number | null): string => (fraction === null ? 'unknown' : `${(fraction * 100).toFixed(1)} %`)

/** Each rule with its threshold; the figures that decided are in the sentence. */
const advice: readonly Advice[] = [
  {
    applies: ({ facts }) => (facts.report.max_drawdown ?? 0) > 0.2,
    say: ({ facts }) => `Reduce risk: the drawdown of ${percent(facts.report.max_drawdown)} is above 20 %.`,
  },
  {
    applies: ({ facts }) => (facts.activity.max_position_concentration ?? 0) > 0.3,
    say: ({ facts }) => `Spread positions: the largest is ${percent(facts.activity.max_position_concentration)} of equity, above 30 %.`,
  },
  {
    applies: ({ facts }) => (facts.activity.cash_ratio ?? 1) < 0.05,
    say: ({ facts }) => `Keep more cash: ${percent(facts.activity.cash_ratio)} is below 5 %.`,
  },
  {
    applies: ({ facts }) => (facts.report.profit_factor ?? 1) < 1,
    say: ({ facts }) => `Trade only larger edges: losses exceed profits, profit factor ${(facts.report.profit_factor ?? 0).toFixed(2)}.`,
  },
  {
    applies: ({ facts }) => facts.activity.loss_streak >= 4,
    say: ({ facts }) => `Wait after losses: ${facts.activity.loss_streak} trades in a row lost.`,
  },
  {
    applies: ({ facts }) => facts.activity.entries_per_day > 10,
    say: ({ facts }) => `Trade less often: ${facts.activity.entries_per_day.toFixed(1)} entries a day, above 10.`,
  },
  {
    applies: ({ facts }) => facts.tradingQuality.sizing < 50,
    say: ({ facts }) => `Size entries more alike: their sizing score is ${facts.tradingQuality.sizing.toFixed(0)} of 100.`,
  },
  {
    applies: ({ scores }) => scores.decision_quality < 40,
    say: ({ scores }) => `Look at the sampled decisions: their quality is ${scores.decision_quality.toFixed(0)} of 100, below 40.`,
  },
]

/** What the figures ask for, most urgent first; then what the analysis asked for. */
export function recommendationsOf({ facts, scores, analysed }: Scored & { readonly analysed: readonly string[] }): string[] {
  return [...advice.filter(({ applies }) => applies({ facts, scores })).map(({ say }) => say({ facts, scores })), ...analysed]
}
