import { type Command, describeCommand, isSameStep } from './command.ts'
import { isPayloadText, type PayloadText } from './message-value.ts'

/** The first thing that a replay did otherwise than the history says. */
export interface Difference {
  /** Such as `activity 4 reserveOrders, input[0].orders[0].quantity`. */
  readonly path: string
  readonly recorded: unknown
  readonly replayed: unknown
}

/** Null where a replay did exactly what was recorded. */
export function firstDifference(recorded: readonly Command[], replayed: readonly Command[]): Difference | null {
  for (let at = 0; at < Math.max(recorded.length, replayed.length); at += 1) {
    const [was, is] = [recorded[at], replayed[at]]
    if (was === undefined || is === undefined || !isSameStep(was, is)) return stepDifference({ recorded, replayed, at })
    const inside = valueDifference(was.content, is.content, '')
    if (inside !== null) return { ...inside, path: `${describeCommand(was)}, ${inside.path}` }
    if (was.task !== is.task) {
      return { path: `${describeCommand(was)}, workflow task begun at event`, recorded: was.task, replayed: is.task }
    }
  }
  return null
}

/** One step in place of another, one too many or one too few. */
function stepDifference({
  recorded,
  replayed,
  at,
}: {
  recorded: readonly Command[]
  replayed: readonly Command[]
  at: number
}): Difference {
  const [was, is] = [recorded[at], replayed[at]]
  const path = `command ${at + 1} of ${recorded.length}`
  const next = recorded[at + 1]
  const isDropped = was !== undefined && is !== undefined && next !== undefined && next.kind === is.kind && next.name === is.name
  const isAdded = was === undefined || (is !== undefined && was.kind === replayed[at + 1]?.kind && was.name === replayed[at + 1]?.name)
  if (isDropped) return { path: `${path}, left out`, recorded: describeCommand(was), replayed: null }
  if (isAdded && is !== undefined) return { path: `${path}, added`, recorded: null, replayed: describeCommand(is) }
  return { path, recorded: was === undefined ? null : describeCommand(was), replayed: is === undefined ? null : describeCommand(is) }
}

/** The first place where two plain values differ. A payload's bytes count; the JSON in it only says where. */
export function valueDifference(recorded: unknown, replayed: unknown, path: string): Difference | null {
  if (Object.is(recorded, replayed)) return null
  if (isPayloadText(recorded) && isPayloadText(replayed)) return payloadDifference(recorded, replayed, path)
  if (typeof recorded === 'string' && typeof replayed === 'string') return textDifference(recorded, replayed, path)
  if (!isTree(recorded) || !isTree(replayed) || Array.isArray(recorded) !== Array.isArray(replayed)) {
    return { path, recorded: shown(recorded), replayed: shown(replayed) }
  }
  for (const name of new Set([...Object.keys(recorded), ...Object.keys(replayed)])) {
    const inner = Array.isArray(recorded) ? `${path}[${name}]` : join(path, name)
    const difference = valueDifference(recorded[name], replayed[name], inner)
    if (difference !== null) return difference
  }
  return null
}

function payloadDifference(recorded: PayloadText, replayed: PayloadText, path: string): Difference | null {
  if (recorded.encoding !== replayed.encoding) {
    return { path: join(path, 'encoding'), recorded: recorded.encoding, replayed: replayed.encoding }
  }
  if (recorded.payload === replayed.payload) return null
  const isJson = recorded.encoding.startsWith('json/')
  const inside = isJson ? valueDifference(parsed(recorded.payload), parsed(replayed.payload), path) : null
  return inside ?? { path: join(path, 'bytes'), recorded: recorded.payload, replayed: replayed.payload }
}

/** A text of up to this length is shown whole. */
const shortText = 200
/** Of a longer one, so much before and after the place. */
const around = 40

/** A prompt is a long text, and may be JSON itself: the place in it is named. */
function textDifference(recorded: string, replayed: string, path: string): Difference {
  const whole = { path, recorded, replayed }
  if (recorded.length <= shortText && replayed.length <= shortText) return whole
  const [was, is] = [parsed(recorded), parsed(replayed)]
  const inside = isTree(was) && isTree(is) ? valueDifference(was, is, path) : null
  if (inside !== null) return inside
  let at = 0
  while (recorded[at] === replayed[at]) at += 1
  const part = (text: string): string => text.slice(Math.max(0, at - around), at + around)
  return { path: `${path}, from character ${at + 1}`, recorded: part(recorded), replayed: part(replayed) }
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/** What is not there is not the same as null, and must survive JSON. */
const absent = '(absent)'

function shown(value: unknown): unknown {
  if (isPayloadText(value)) return value.encoding.startsWith('json/') ? parsed(value.payload) : value.payload
  return value === undefined ? absent : value
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text // it is compared as text then
  }
}

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)
