/**
 * The one file of the workflows that may say `Date`. In Temporal's sandbox it is the time at which the current step was first
 * made, in ms since 1970: a replay reads the same. It is wall time; business time is the market time that messages carry.
 */
export const workflowNow = (): number => Date.now()

/** ISO 8601 text of a time in ms since 1970. */
export const isoTime = (time: number): string => new Date(time).toISOString()
