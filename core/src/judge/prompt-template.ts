import type { Policy, PromptMode } from '../contract/prompt-version.ts'

export type PerformanceTrend = 'improving' | 'stable' | 'declining' | 'poor'

/** What a prompt is written for. The numbers in its prose come from the policy, so the two cannot disagree. */
export interface PromptContext {
  readonly policy: Policy
  readonly trend: PerformanceTrend
  /** Plain advice that the Judge's model worded and code checked; it stands below everything that bounds. */
  readonly advice?: string
}

interface PromptComponent {
  readonly name: string
  /** Components are joined by falling priority. */
  readonly priority: number
  readonly appliesTo: (context: PromptContext) => boolean
  readonly render: (context: PromptContext) => string
}

/** The prose of a prompt version: every component that applies, most important first, parted by blank lines. */
export function renderTemplate(context: PromptContext): string {
  return componentsFor(context)
    .map((component) => `## ${component.name}\n${component.render(context)}`)
    .join('\n\n')
}

/** Names of the components a context selects, in order: the evidence of what a prompt change changed. */
export function componentNames(context: PromptContext): readonly string[] {
  return componentsFor(context).map((component) => component.name)
}

const always = (): boolean => true
const inMode =
  (...modes: readonly PromptMode[]) =>
  ({ policy }: PromptContext): boolean =>
    modes.includes(policy.mode)

const roles: Readonly<Record<PromptMode, string>> = {
  conservative:
    'You are the execution agent of a crypto trading desk in its conservative mode. Keeping capital comes first; a day without a trade is a good day when nothing is clear.',
  standard:
    'You are the execution agent of a crypto trading desk. You look for trades whose expected gain clearly exceeds their cost, and you keep losses small.',
  performance:
    'You are the execution agent of a crypto trading desk in its performance mode. Recent decisions were weaker than they should be: trade less, and only where the evidence is good.',
  aggressive:
    'You are the execution agent of a crypto trading desk in its aggressive mode. You act on emerging moves early, within the limits that code enforces.',
}

const frameworks: Readonly<Record<PromptMode, string>> = {
  conservative:
    'Trade only established trends in liquid products, with a reward of at least 2 for each 1 risked to the stop. When signals disagree, HOLD.',
  standard:
    'Weigh trend, distance from the mean and volatility against each other. HOLD is an answer like any other; explain it as well as a trade.',
  performance:
    'Name at least two independent pieces of evidence for each trade. Compare with your recent decisions before you repeat one that lost money.',
  aggressive:
    'Emerging trends are enough where the reward is at least 1.5 for each 1 risked to the stop. Prefer acting on a clear edge to waiting for a perfect one.',
}

const components: readonly PromptComponent[] = [
  { name: 'role_definition', priority: 1000, appliesTo: always, render: ({ policy }) => roles[policy.mode] },
  {
    name: 'operational_workflow',
    priority: 900,
    appliesTo: always,
    render: () =>
      'Read the snapshot in the user message. For each product in `products`: read its features and position, decide BUY, SELL or HOLD, and check the decision against `policy` and `limits`. Then summarise. You have no tools; your answer is the whole of what you can do, and code turns it into orders.',
  },
  { name: 'decision_framework', priority: 800, appliesTo: always, render: ({ policy }) => frameworks[policy.mode] },
  {
    name: 'risk_management',
    priority: 700,
    appliesTo: always,
    render: ({ policy }) =>
      `At most ${percent(policy.max_position)} of equity in one product; at least ${percent(policy.cash_reserve)} of equity stays in cash. No entry with an expected edge below ${policy.min_edge_bps} bps, and none within ${policy.cool_down_seconds} seconds of the last order of the same product. ${rules(policy)} Code cuts or refuses what breaks these bounds. Where \`policy\` in the message is tighter, it holds.`,
  },
  {
    name: 'aggressive_trading',
    priority: 600,
    appliesTo: inMode('aggressive'),
    render: () =>
      'Set a take profit at least 0.5 % above and a stop at least 1 % below each entry. Several products may be traded in one answer.',
  },
  {
    name: 'order_execution',
    priority: 600,
    appliesTo: always,
    render: () =>
      'You never choose the price you get: a market order fills at the ask or bid of the next tick, a limit price is a bound. A round trip by market orders costs about 120 bps in fees plus spread and impact; `expected_edge_bps` is the expected move before costs and must exceed them. Sell only what is held. Give each entry a stop.',
  },
  {
    name: 'performance_focus',
    priority: 550,
    appliesTo: ({ trend }) => trend === 'declining' || trend === 'poor',
    render: () =>
      'Results have been getting worse. Keep sizes alike, enter only with volume behind the move, do not hold products that move together as if they were two ideas, and halve sizes while drawdown is above 10 %.',
  },
  {
    name: 'judge_advice',
    priority: 540,
    appliesTo: ({ advice }) => advice !== undefined,
    render: ({ advice = '' }) => `From the review of recent decisions; policy and limits stand above it: ${advice}`,
  },
  {
    name: 'reporting',
    priority: 500,
    appliesTo: always,
    render: () =>
      'State for each product the one or two figures that decided, in `evidence`, and the reason in plain words, in `reasoning`. Figures come from the snapshot; never invent one.',
  },
]

function componentsFor(context: PromptContext): readonly PromptComponent[] {
  return components.filter((component) => component.appliesTo(context)).toSorted((a, b) => b.priority - a.priority)
}

function percent(fraction: number): string {
  return `${Number((fraction * 100).toFixed(2))} %`
}

function rules(policy: Policy): string {
  const names = policy.preferred_rules.map((rule) => rule.replace('_', ' '))
  return names.length === 0 ? 'No entry rule is preferred: hold or exit.' : `Preferred entry rules: ${names.join(', ')}.`
}
