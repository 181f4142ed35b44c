import type { Client } from '@temporalio/client'
import { describeIssues } from '@trader/core/contract/describe-issues'
import type { Run } from '@trader/core/contract/run'
import { z } from 'zod'
import type { Principal, Scope } from '../access/scope.ts'
import type { Config } from '../config.ts'
import type { Pool } from '../database/pool.ts'
import type { RefusalCode } from '../refusal-code.ts'

/** What a tool works with during one call. */
export interface ToolContext {
  readonly pool: Pool
  readonly temporal: Client
  readonly taskQueue: string
  readonly config: Config
  readonly principal: Principal
  readonly correlationId: string
  /** The run that is named, else the newest of the book that TRADING_MODE trades. */
  readonly run: (runId?: string) => Promise<Run>
  /** Wall time, ms. */
  readonly now: () => number
}

/** What stands behind a tool: the part of Temporal it drives, or the facts that workflows wrote to Postgres. */
export type Primitive = 'workflow' | 'update' | 'query' | 'cancellation' | 'ledger'

/** The four hints of MCP. All are given, because a client takes an absent one for the worst. */
export interface Hints {
  readonly readOnly: boolean
  readonly destructive: boolean
  readonly idempotent: boolean
  readonly openWorld: boolean
}

export const readHints: Hints = { readOnly: true, destructive: false, idempotent: true, openWorld: false }

/** An expected refusal: a stable code, a sentence, and the numbers behind it. */
export class Refusal {
  readonly code: RefusalCode
  readonly message: string
  readonly details: Readonly<Record<string, z.core.util.JSONType>>

  constructor(code: RefusalCode, message: string, details: Readonly<Record<string, z.core.util.JSONType>> = {}) {
    this.code = code
    this.message = message
    this.details = details
  }
}

export interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject> {
  /** snake_case, as the product's readme names it. */
  readonly name: string
  readonly title: string
  /** One sentence that says what it does and one that says when to use it. */
  readonly description: string
  readonly input: Input
  readonly output: Output
  readonly hints: Hints
  readonly scope: Scope
  readonly primitive: Primitive
  run(context: ToolContext, args: z.output<Input>): Promise<z.input<Output> | Refusal>
}

/** A tool with its types closed over: raw arguments in, a checked answer out. */
export interface Tool {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly inputSchema: Readonly<Record<string, unknown>>
  readonly outputSchema: Readonly<Record<string, unknown>>
  readonly hints: Hints
  readonly scope: Scope
  readonly primitive: Primitive
  call(context: ToolContext, args: unknown): Promise<Readonly<Record<string, unknown>> | Refusal>
}

/** Makes a tool from its definition. Arguments that do not fit are refused before anything is started. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(definition: ToolDefinition<Input, Output>): Tool {
  const { name, title, description, input, output, hints, scope, primitive } = definition
  return {
    name,
    title,
    description,
    hints,
    scope,
    primitive,
    inputSchema: z.toJSONSchema(input, { io: 'input' }),
    outputSchema: z.toJSONSchema(output, { io: 'output' }),
    async call(context, args) {
      const parsed = input.safeParse(args)
      if (!parsed.success) return new Refusal('INVALID_ARGUMENTS', `${name}: ${describeIssues(parsed.error.issues, { input: args })}`)
      const answer = await definition.run(context, parsed.data)
      return answer instanceof Refusal ? answer : output.parse(answer)
    },
  }
}
