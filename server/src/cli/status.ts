import type { Command } from 'commander'
import { stackStatus, type ComponentStatus, type StackStatus } from '@trader/core/contract/component-status'
import { z } from 'zod'
import { askSupervisor } from '../stack/control-socket.ts'
import { dataDirPaths } from '../stack/data-dir.ts'
import { answersJson, commandConfig, type JsonFlags } from './command-config.ts'
import { describeTime } from './describe-time.ts'
import { print, printJson, table } from './output.ts'

/** `trader status`: what runs, since when, and what went wrong. */
export function registerStatus(program: Command): void {
  const command = program.command('status').description('what runs, since when, and what went wrong')
  answersJson(command).action(async (flags: JsonFlags) => {
    const status = stackStatus.parse(await askSupervisor(dataDirPaths(commandConfig(flags).DATA_DIR), { command: 'status' }))
    if (flags.json === true) printJson(status)
    else print(describeStatus(status))
  })
}

function describeStatus(status: StackStatus): string {
  const heading = ['component', 'state', 'pid', 'port', 'up', 'restarts', 'memory', 'version']
  const problems = status.components.filter(({ last_error }) => last_error !== null).map(({ name, last_error }) => `${name}: ${last_error}`)
  return [
    `${status.mode.toUpperCase()}   stack ${status.stack_id}   data in ${status.data_dir}`,
    table([heading, ...status.components.map(componentRow)]),
    ...(status.market === null ? [] : describeMarket(status.market)),
    ...(status.agents.length > 0 ? [`agents: ${status.agents.map(({ name, state }) => `${name} ${state}`).join(', ')}`] : []),
    ...(problems.length > 0 ? ['last errors:', ...problems.map((problem) => `  ${problem}`)] : []),
  ].join('\n')
}

const marketView = z.looseObject({
  run_id: z.string(),
  kind: z.string(),
  trading: z.string().optional(),
  trading_reason: z.string().optional(),
  sealing: z.object({ seals: z.number(), unsealed: z.number(), problem: z.string().nullable() }).optional(),
  run_status: z.string().optional(),
  market_time: z.number().nullish(),
  prices: z.array(z.object({ product: z.string(), age_ms: z.number().nullable(), is_stale: z.boolean() })),
})

/** The market in a line each: where it stands and how old its prices are; what may be traded; how the audit stands. */
function describeMarket(market: NonNullable<StackStatus['market']>): string[] {
  const { run_id, kind, trading, trading_reason, sealing, run_status, market_time, prices } = marketView.parse(market)
  const ages = prices.map(({ product, age_ms, is_stale }) => {
    const age = age_ms === null ? 'no price yet' : `${(age_ms / 1000).toFixed(1)} s old`
    return `${product} ${age}${is_stale ? ' STALE' : ''}`
  })
  const time = market_time == null ? 'not begun' : `at ${describeTime(market_time)}`
  return [
    `market: ${kind}, run ${run_id} ${run_status === 'finished' ? 'finished ' : ''}${time}; ${ages.join(', ')}`,
    ...(trading === undefined
      ? []
      : [`trading: ${trading === 'active' ? 'active' : `${trading.toUpperCase()} (${trading_reason ?? ''})`}`]),
    ...(sealing === undefined ? [] : [describeSealing(sealing)]),
  ]
}

function describeSealing({ seals, unsealed, problem }: NonNullable<z.infer<typeof marketView>['sealing']>): string {
  if (problem !== null) return `audit: PROBLEM: ${problem}`
  return `audit: ${seals} seals, ${unsealed === 0 ? 'nothing waits' : `${unsealed} records wait`} for the next`
}

function componentRow(component: ComponentStatus): string[] {
  const { name, state, pid, port, uptime_s, restarts, memory_bytes, version } = component
  const text = (value: number | string | null): string => (value === null ? '-' : String(value))
  const memory = memory_bytes === null ? '-' : `${Math.round(memory_bytes / 1024 / 1024)} MB`
  return [name, state, text(pid), text(port), uptime_s === null ? '-' : describeSeconds(uptime_s), String(restarts), memory, text(version)]
}

/** `45s`, `12m 5s`, `3h 2m`, `4d 1h`. */
export function describeSeconds(seconds: number): string {
  const whole = Math.floor(seconds)
  const units = [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ] as const
  const first = units.findIndex(([, size]) => whole >= size)
  if (first === -1) return '0s'
  return units
    .slice(first, first + 2)
    .map(([unit, size], index) => [Math.floor(index === 0 ? whole / size : (whole % (units[first]?.[1] ?? 1)) / size), unit] as const)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(' ')
}
