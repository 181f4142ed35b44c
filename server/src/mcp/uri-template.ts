/** Longest URI we look at: ours are far shorter. */
const maxUriLength = 512

/** Values of a URI's variables, decoded; null where the URI is not of this template. */
export type UriMatcher = (uri: string) => Readonly<Record<string, string>> | null

/**
 * Reads URIs of the two forms that our templates have: `{name}` is one path segment, and `{?a,b}` at the end names optional
 * parameters in any order. The SDK's own matcher wants every parameter, in order, and leaves values encoded.
 */
export function uriMatcher(template: string): UriMatcher {
  const [path = '', query = ''] = template.split('{?')
  const parameters = new Set(query.replace('}', '').split(',').filter(Boolean))
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
  const pattern = new RegExp(
    `^${path
      .split(/\{\w+\}/)
      .map(escaped)
      .join('([^/?#]+)')}$`,
  )
  return (uri) => {
    if (uri.length > maxUriLength) return null
    const [before = '', after] = uri.split('?', 2)
    const segments = pattern.exec(before)
    const given = new URLSearchParams(after)
    if (segments === null || [...given.keys()].some((name) => !parameters.has(name) || given.getAll(name).length > 1)) return null
    const values = segments.slice(1).map(decoded)
    if (values.includes(null)) return null
    return { ...Object.fromEntries(names.map((name, index) => [name, values[index] ?? ''])), ...Object.fromEntries(given) }
  }
}

function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment)
  } catch {
    return null // a stray per cent sign: no URI of ours
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}
