/** The score nearest to `points` that there is: from 0 to 100. */
export function clampScore(points: number): number {
  return Math.min(100, Math.max(0, points))
}

/** One digit: a score is no better than that. */
export function roundScore(score: number): number {
  return Math.round(score * 10) / 10
}
