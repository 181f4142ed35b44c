/**
 * The first name that an object of a JSON text has twice. JSON.parse keeps the last and says nothing, while whoever checked the
 * text before us may have looked at the first. The text must be JSON.
 */
export function duplicateName(json: string): string | undefined {
  /** Names seen in each open object; null for an open array. */
  const open: (Set<string> | null)[] = []
  for (const [token, after] of tokens(json)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(null)
    else if (token === '}' || token === ']') open.pop()
    else if (after === ':') {
      const names = open.at(-1)
      const name = String(JSON.parse(token)) // two spellings of one name are one name
      if (names?.has(name) === true) return name
      names?.add(name)
    }
  }
  return undefined
}

/** Brackets and texts of a JSON text, each with the character after it that is no space. Numbers and words are of no interest. */
function* tokens(json: string): Generator<readonly [token: string, after: string]> {
  for (const [, token = '', after = ''] of json.matchAll(/([{}[\]]|"(?:[^"\\]|\\.)*")\s*(?=(.?))/gsu)) yield [token, after]
}
