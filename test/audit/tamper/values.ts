import { pickOf, type Dice } from './draw.ts'
import type { TamperTable } from './tables.ts'

type Column = TamperTable['columns'][number]

/** An expression for a value of a type that is not the present one: sometimes far from it, sometimes very near. */
export function anotherValue({ name, type, isNullable }: Column, dice: Dice): string {
  const here = isNullable ? `coalesce(t.${name}, ${zeroOf(type)})` : `t.${name}`
  const number = 1 + Math.floor(dice() * 1000)
  if (type === 'numeric') return pickOf(dice, [`${here} + ${number}`, `${here} + 0.000000000000000001`, `${here} * 2 + 1`, `1 - ${here}`])
  if (type === 'bigint' || type === 'integer' || type === 'smallint')
    return pickOf(dice, [`${here} + 1`, `${here} + ${number}`, `- ${here} - 1`])
  if (type === 'double precision') return pickOf(dice, [`${here} + 1`, `${here} * 1.0000000001 + 0.000001`])
  if (type === 'boolean') return `not ${here}`
  if (type === 'uuid') return `md5('${number}')::uuid`
  if (type === 'xid8') return `'${number}'::xid8`
  if (type === 'bytea')
    return pickOf(dice, [`${here} || '\\x00'::bytea`, `set_bit(${here} || '\\x00'::bytea, 0, 1 - get_bit(${here} || '\\x00'::bytea, 0))`])
  if (type === 'text[]') return pickOf(dice, [`${here} || 'x'::text`, `'{}'::text[]`])
  if (type === 'jsonb')
    return pickOf(dice, [`jsonb_build_object('was', ${here})`, `${here} || '{"tampered": ${number}}'`, `'{}'::jsonb`, oneKeyLess(here)])
  if (type === 'text')
    return pickOf(dice, [`${here} || 'x'`, `left(${here}, -1)`, `translate(${here}, '0123456789', '1234567890')`, `upper(${here})`, `''`])
  throw new Error(`no tampering with a ${type} (${name})`)
}

const oneKeyLess = (here: string): string =>
  `case when jsonb_typeof(${here}) = 'object' then ${here} - (select key from jsonb_each(case when jsonb_typeof(${here}) = 'object' then ${here} else '{}' end) limit 1) else '{}' end`

function zeroOf(type: string): string {
  const zeros: Readonly<Record<string, string>> = {
    text: `''`,
    jsonb: `'{}'::jsonb`,
    'text[]': `'{}'::text[]`,
    boolean: 'false',
    bytea: `''::bytea`,
  }
  return zeros[type] ?? '0'
}

export function keyAfter(table: string, { name, type }: Column): string {
  if (type === 'uuid') return `md5(t.${name}::text)::uuid`
  if (type === 'text') return `t.${name} || '-forged'`
  return `(select max(${name}) + 1 from ${table})`
}
