/** Control characters but tab and line feed, invisible format characters (bidirectional overrides, joiners, tags), line and paragraph separators. */
const unwanted = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Control characters but tab and line ends, and what turns the order of the characters around it about. */
const steering = /(?![\t\n\r])\p{Cc}|[\u202A-\u202E\u2066-\u2069]/u

/** True where a text would be shown as another than it is: nobody types such characters, somebody may hide behind them. */
export function steersReader(text: string): boolean {
  return steering.test(text)
}

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
