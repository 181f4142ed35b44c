/** A parameter a strategy takes: its kind, default, bounds and what it means. */
export type Parameter =
  | { readonly type: 'integer'; readonly default: number; readonly min: number; readonly max: number; readonly description: string }
  | { readonly type: 'number'; readonly default: number; readonly min: number; readonly max: number; readonly description: string }
  | { readonly type: 'boolean'; readonly default: boolean; readonly description: string }

export type ParameterTable = Readonly<Record<string, Parameter>>

/** The values of a table, each of its own type. */
export type ParameterValues<Table extends ParameterTable> = {
  readonly [Name in keyof Table]: Table[Name]['type'] extends 'boolean' ? boolean : number
}

/** What somebody gave, as numbers, booleans or their text. */
export type GivenParameters = Readonly<Record<string, number | boolean | string>>

export type CheckedParameters<Table extends ParameterTable> =
  | { readonly ok: true; readonly values: ParameterValues<Table> }
  | { readonly ok: false; readonly reason: 'UNKNOWN_PARAMETER' | 'INVALID_PARAMETER'; readonly detail: string }

/** The table's defaults with what was given in their place; an unknown name or a value out of bounds is refused with what is possible. */
export function checkParameters<Table extends ParameterTable>(table: Table, given: GivenParameters): CheckedParameters<Table> {
  const values: Record<string, number | boolean> = {}
  for (const [name, parameter] of Object.entries(table)) values[name] = parameter.default
  for (const [name, value] of Object.entries(given)) {
    const parameter = Object.hasOwn(table, name) ? table[name] : undefined
    if (parameter === undefined) {
      const known = Object.keys(table).join(', ')
      return {
        ok: false,
        reason: 'UNKNOWN_PARAMETER',
        detail: `unknown parameter ${name}; there ${known === '' ? 'is none' : `are: ${known}`}`,
      }
    }
    const read = readValue(parameter, value)
    if (read === null) {
      return { ok: false, reason: 'INVALID_PARAMETER', detail: `parameter ${name} must be ${wanted(parameter)}, was ${value}` }
    }
    values[name] = read
  }
  // Every name of the table is set, each with a value of its own type.
  return { ok: true, values: values as ParameterValues<Table> }
}

function readValue(parameter: Parameter, given: number | boolean | string): number | boolean | null {
  if (parameter.type === 'boolean') {
    if (typeof given === 'boolean') return given
    return given === 'true' ? true : given === 'false' ? false : null
  }
  if (typeof given === 'boolean' || (typeof given === 'string' && given.trim() === '')) return null
  const value = Number(given)
  const isWhole = parameter.type === 'number' || Number.isInteger(value)
  return isWhole && value >= parameter.min && value <= parameter.max ? value : null
}

function wanted(parameter: Parameter): string {
  if (parameter.type === 'boolean') return 'true or false'
  return `${parameter.type === 'integer' ? 'a whole number' : 'a number'} from ${parameter.min} to ${parameter.max}`
}
