/** Where a stack tells a person what it does. One line per finished step. */
export interface Progress {
  /** A step that is done. */
  readonly step: (title: string, detail: string, seconds: number) => void
  /** A sentence while something takes its time. */
  readonly note: (text: string) => void
  /** Something that went wrong and is dealt with. */
  readonly warning: (text: string) => void
}

/** Does one step and reports it with its time. `work` answers the detail. */
export async function timedStep(progress: Progress, title: string, work: () => Promise<string>): Promise<void> {
  const began = performance.now()
  const detail = await work()
  progress.step(title, detail, (performance.now() - began) / 1000)
}
