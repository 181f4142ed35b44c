/** False where a text or key inside a JSON value is one that Postgres cannot hold: with a NUL character or half a character. */
export function isStorable(value: unknown): boolean {
  let isFine = true
  JSON.stringify(value, (key, member: unknown) => {
    if (!isStorableText(key) || (typeof member === 'string' && !isStorableText(member))) isFine = false
    return member
  })
  return isFine
}

function isStorableText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}
