import { Session } from 'node:inspector/promises'

/** Which characters of a script were executed: V8's own block coverage. */
export class ExecutedCode {
  readonly #session = new Session()
  readonly #script: RegExp

  /** `script` is found in the script's URL. */
  constructor(script: RegExp) {
    this.#script = script
  }

  async start(): Promise<void> {
    this.#session.connect()
    await this.#session.post('Profiler.enable')
    await this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /** What was executed since the last call. */
  async take(): Promise<(offset: number) => boolean> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage')
    const script = result.find(({ url }) => this.#script.test(url))
    const ranges = (script?.functions ?? []).flatMap((one) => one.ranges)
    // The innermost range says it: outer ones are painted first.
    ranges.sort((left, right) => right.endOffset - right.startOffset - (left.endOffset - left.startOffset))
    const counts = new Uint8Array(Math.max(0, ...ranges.map(({ endOffset }) => endOffset)))
    for (const { startOffset, endOffset, count } of ranges) counts.fill(count > 0 ? 1 : 0, startOffset, endOffset)
    return (offset) => counts[offset] === 1
  }

  stop(): void {
    this.#session.disconnect()
  }
}
