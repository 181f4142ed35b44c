import { type AnalysisInput, analysisInput } from './analysis-input.ts'
import { rubricAnalysis } from './rubric.ts'

/**
 * The reply of the offline model to an analysis prompt's user message; null when the message is not one. The same message gets the
 * same reply, byte for byte.
 */
export function offlineAnalysisReply(userMessage: string): string | null {
  const input = readInput(userMessage)
  return input === null ? null : JSON.stringify(rubricAnalysis(input))
}

function readInput(userMessage: string): AnalysisInput | null {
  try {
    const parsed = analysisInput.safeParse(JSON.parse(userMessage))
    return parsed.success ? parsed.data : null
  } catch {
    // Not JSON, so not an analysis prompt: null says so.
    return null
  }
}
