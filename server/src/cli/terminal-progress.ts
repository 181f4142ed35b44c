import { styleText } from 'node:util'
import type { Progress } from '../stack/progress.ts'
import { say } from './output.ts'

const titleWidth = 18
const detailWidth = 60

/** Progress on stderr: ticks and aligned columns in a terminal, plain sentences elsewhere. NO_COLOR is honoured. */
export function terminalProgress(isTerminal: boolean = process.stderr.isTTY): Progress {
  if (!isTerminal) {
    return {
      step: (title, detail, seconds) => say(`${title}: ${detail} (${seconds.toFixed(1)}s)`),
      note: (text) => say(text),
      warning: (text) => say(`warning: ${text}`),
    }
  }
  const paint = (style: 'green' | 'yellow' | 'dim', text: string): string => styleText(style, text, { stream: process.stderr })
  return {
    step: (title, detail, seconds) =>
      say(`  ${paint('green', '✓')} ${title.padEnd(titleWidth)}${detail.padEnd(detailWidth)} ${paint('dim', `${seconds.toFixed(1)}s`)}`),
    note: (text) => say(`    ${paint('dim', text)}`),
    warning: (text) => say(`  ${paint('yellow', '!')} ${text}`),
  }
}
