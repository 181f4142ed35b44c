import type { AnyNode, Node, Statement } from 'acorn'
import { full, fullAncestor } from 'acorn-walk'
import type { BundleModule } from './bundle-modules.ts'

export type MutationKind = 'number doubled' | 'condition negated' | 'step dropped' | 'steps swapped'

/** One change of a bundle's text: the characters from `start` to `end` become `text`. */
export interface MutationSite {
  readonly kind: MutationKind
  readonly file: string
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Every place of a module where one of the four kinds of change can be made. */
export function mutationSites(code: string, { file, body }: BundleModule): readonly MutationSite[] {
  const sites: MutationSite[] = []
  const text = ({ start, end }: Pick<Node, 'start' | 'end'>): string => code.slice(start, end)
  const add = (kind: MutationKind, { start, end }: Pick<Node, 'start' | 'end'>, becomes: string): void => {
    sites.push({ kind, file, start, end, text: becomes })
  }
  full(body, (node) => {
    const twice = node.type === 'Literal' ? doubled(node.value) : null
    if (twice !== null) add('number doubled', node, twice)
    const condition = conditionOf(node)
    if (condition !== null) add('condition negated', condition, `!(${text(condition)})`)
    if (node.type !== 'BlockStatement') return
    const steps = node.body.map((statement) => (isStep(statement) && !isQuerySetUp(text(statement)) ? statement : null))
    for (const step of steps) if (step !== null) add('step dropped', step, ';')
    for (const [at, second] of steps.entries()) {
      const first = steps[at - 1]
      if (!first || !second || !orderMatters(first, second)) continue
      add('steps swapped', { start: first.start, end: second.end }, text(second) + code.slice(first.end, second.start) + text(first))
    }
  })
  return sites
}

/** A question leaves nothing in a history: whether it is answered cannot be replayed. */
function isQuerySetUp(statement: string): boolean {
  return (
    /^\W*(0,\s*)?\w*\W*setHandler\W/.test(statement) &&
    /Query\b/.test(statement.slice(0, statement.indexOf(',', statement.indexOf('setHandler'))))
  )
}

/** Two steps may change places unseen, unless one of them waits, or one writes what the other reads. */
function orderMatters(first: Statement, second: Statement): boolean {
  const [one, other] = [touched(first), touched(second)]
  const meets = (written: ReadonlySet<string>, read: ReadonlySet<string>): boolean => Array.from(written).some((name) => read.has(name))
  return one.waits || other.waits || meets(one.written, other.read) || meets(other.written, one.read)
}

interface Touched {
  readonly waits: boolean
  readonly written: ReadonlySet<string>
  /** All that is named: what is written too. */
  readonly read: ReadonlySet<string>
}

function touched(statement: Statement): Touched {
  const [written, read] = [new Set<string>(), new Set<string>()]
  let waits = false
  fullAncestor(statement, (node, _, ancestors) => {
    // What a function does that is only made here, it does later.
    if (ancestors.some(({ type }) => /Function/.test(type))) return
    if (node.type === 'AwaitExpression') waits = true
    if (node.type === 'Identifier') read.add(node.name)
    if (node.type === 'PrivateIdentifier') read.add(`#${node.name}`)
    const target = node.type === 'AssignmentExpression' ? node.left : node.type === 'UpdateExpression' ? node.argument : null
    if (target?.type === 'Identifier') written.add(target.name)
    if (target?.type !== 'MemberExpression') return
    if (target.property.type === 'Identifier') written.add(target.property.name)
    if (target.property.type === 'PrivateIdentifier') written.add(`#${target.property.name}`)
  })
  return { waits, written, read }
}

/** A number, or a text that is one: an amount, or a duration such as '5s'. Zero stays what it is, so it is not changed. */
function doubled(value: unknown): string | null {
  if (typeof value === 'number') return value === 0 ? null : String(value * 2)
  const [, amount, unit] = (typeof value === 'string' && /^(\d+(?:\.\d+)?)(ms|s|m|h| days)?$/.exec(value)) || []
  return amount === undefined || Number(amount) === 0 ? null : `'${Number(amount) * 2}${unit ?? ''}'`
}

function conditionOf(node: AnyNode): Node | null {
  switch (node.type) {
    case 'IfStatement':
    case 'ConditionalExpression':
    case 'WhileStatement':
    case 'DoWhileStatement':
      return node.test
    case 'ForStatement':
      return node.test ?? null
    default:
      return null
  }
}

/** What is done for its effect: a call, an assignment, something awaited. */
function isStep(statement: Statement): boolean {
  return statement.type === 'ExpressionStatement' && statement.directive === undefined
}
