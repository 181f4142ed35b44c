/** Control characters but tab and line feed, invisible format characters (bidirectional overrides, joiners, tags), line and paragraph separators. */
const unwanted = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * Text from outside (a user, a model, a venue) made safe to quote in a prompt, a log or a terminal: characters that steer a
 * reader or a screen are removed, broken surrogates replaced, and what passes `maxLength` characters is cut with an ellipsis.
 */
export function cleanText(text: string, maxLength: number): string {
  const cleaned = text.toWellFormed().replace(unwanted, '').trim()
  if (cleaned.length <= maxLength) return cleaned
  return `${withoutHalfCharacter(cleaned.slice(0, Math.max(0, maxLength - 1)))}…`
}

function withoutHalfCharacter(text: string): string {
  return text.isWellFormed() ? text : text.slice(0, -1)
}
