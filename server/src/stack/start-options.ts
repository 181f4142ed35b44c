import { z } from 'zod'
import { describeIssues } from '@trader/core/contract/describe-issues'
import { productId } from '@trader/core/contract/primitives'
import { marketKind } from '@trader/core/contract/run'
import { ExitError } from '../exit-code.ts'

const secondMs = 1000
const unitMs = { ms: 1, s: secondMs, m: 60 * secondMs, h: 3600 * secondMs, d: 86_400 * secondMs } as const

/** Node's timers go no further. */
const longestRunMs = 24 * unitMs.d

/** `90s`, `5m`, `2h`; a bare number is seconds. */
const duration = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|m|h|d)?$/, 'must be a time such as 60s, 5m or 2h')
  .transform((text) => Number.parseFloat(text) * unitMs[(/[a-z]+$/.exec(text)?.[0] as keyof typeof unitMs) ?? 's']) // the pattern above names the units
  .pipe(
    z
      .number()
      .positive('must be longer than nothing')
      .max(longestRunMs, 'must be at most 24d; without it the stack runs until it is stopped'),
  )

const marketTimeForm = 'must be a market time such as 2018-04-05T12:00:00Z or milliseconds since 1970'

/** ISO 8601 with a zone, a date for its first instant in UTC, or ms since 1970. */
const marketTime = z
  .string()
  .regex(/^(\d{12,15}|\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?)$/, marketTimeForm)
  .transform((text) => (/^\d+$/.test(text) ? Number(text) : Date.parse(text)))
  .pipe(z.int(marketTimeForm).max(8_640_000_000_000_000, marketTimeForm))

const speedForm = 'must be max or a positive number such as 60, at most 100000'
const speed = z.union(
  [
    z.literal('max'),
    z
      .union([
        z.number(),
        z
          .string()
          .regex(/^\d{1,6}(\.\d{1,6})?$/)
          .transform(Number),
      ])
      .pipe(z.number().positive(speedForm).max(100_000, speedForm)),
  ],
  { error: speedForm },
)

/** Digits alone: `Number` would take an empty text for 0 and 0x10 for 16. */
const wholeText = (from: number, to: number) => {
  const demand = `must be a whole number from ${from} to ${to}`
  return z
    .union(
      [
        z.int(),
        z
          .string()
          .regex(/^-?\d{1,15}$/, demand)
          .transform(Number),
      ],
      { error: demand },
    )
    .pipe(z.int(demand).min(from, demand).max(to, demand))
}

const startOptions = z
  .object({
    market: marketKind.extract(['simulated', 'replay', 'coinbase']).optional(),
    replayFile: z.array(z.string()).default([]),
    speed: speed.default(1),
    products: z
      .string()
      .default('BTC-USD,ETH-USD')
      .transform((text) => text.split(','))
      .pipe(z.array(productId).min(1).max(20)),
    model: z
      .string()
      .regex(/^(offline|[a-z][a-z0-9-]*:.+)$/, 'must be offline or vendor:model such as openai:gpt-4o')
      .optional(),
    dataDir: z.string().min(1).optional(),
    portBase: wholeText(1024, 65_530).optional(),
    chat: z.boolean().default(true),
    runFor: duration.optional(),
    until: marketTime.optional(),
    seed: wholeText(-999_999_999, 999_999_999).default(1),
    json: z.boolean().default(false),
  })
  .transform(({ market, replayFile, runFor, ...rest }) => ({
    ...rest,
    /** Replay files alone say that the market is a replay. */
    market: market ?? (replayFile.length > 0 ? ('replay' as const) : ('simulated' as const)),
    replayFiles: replayFile,
    /** Wall ms from the first tick. */
    runForMs: runFor,
  }))
  .refine((options) => options.market !== 'replay' || options.replayFiles.length > 0, '--market replay needs --replay-file')
  .refine((options) => options.market === 'replay' || options.replayFiles.length === 0, '--replay-file goes with --market replay only')
  .refine(
    (options) => options.market !== 'coinbase' || options.speed === 1,
    '--speed is for simulated and replayed markets; a live one has its own',
  )
  .refine((options) => options.runForMs === undefined || options.until === undefined, 'give --run-for or --until, not both')
  .refine(
    (options) => options.runForMs === undefined || options.speed !== 'max',
    '--run-for counts seconds of the wall clock, which say nothing at --speed max: use --until',
  )
  .refine((options) => new Set(options.products).size === options.products.length, '--products names one product twice')

/** What `trader start` was asked for, checked. */
export type StartOptions = Readonly<z.infer<typeof startOptions>>

/** Checks the flags of `trader start`. A bad one ends the command and every bad one is named. */
export function parseStartOptions(flags: Readonly<Record<string, unknown>>): StartOptions {
  const parsed = startOptions.safeParse(flags)
  if (parsed.success) return parsed.data
  const lines = parsed.error.issues.map((issue) =>
    // Of a list, such as --products, the whole is shown as it was typed.
    describeIssues([{ ...issue, path: issue.path.slice(0, 1) }], { input: flags, nameOf: ([flag]) => `--${kebab(String(flag))}` }),
  )
  throw new ExitError('usage', [...new Set(lines)].join('\n'))
}

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
