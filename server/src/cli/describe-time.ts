/** `2018-04-04 12:00:25Z`, of ms since 1970; milliseconds only where there are some. */
export function describeTime(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('.000Z', 'Z')
}
