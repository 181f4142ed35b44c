/** JSON data; an undefined property is the same as none. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined }

/** One text per value, whatever the order of its keys: sorted by UTF-16 code units, no spaces (as in RFC 8785). */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`JSON has no ${value}`)
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const members = Object.keys(value)
    .sort()
    .flatMap((key) => member(key, value[key]))
  return `{${members.join(',')}}`
}

function member(key: string, value: JsonValue | undefined): string[] {
  return value === undefined ? [] : [`${JSON.stringify(key)}:${canonicalJson(value)}`]
}

/** `Array.isArray` does not narrow readonly arrays. */
function isArray(value: object): value is readonly JsonValue[] {
  return Array.isArray(value)
}
