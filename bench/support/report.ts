import { cpus, loadavg, totalmem } from 'node:os'

const began = performance.now()

/** Prints the one line of a benchmark on stdout: its name, its figures, the machine and how long it took in all. */
export function report(name: string, figures: Readonly<Record<string, unknown>>): void {
  const processors = cpus()
  const machine = {
    cores: processors.length,
    processor: processors[0]?.model ?? 'unknown',
    memory_gb: rounded(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
    node: process.version,
    /** Of the last minute: this benchmark's own load is in it. */
    load: rounded(loadavg()[0] ?? 0),
  }
  process.stdout.write(`${JSON.stringify({ name, ...figures, machine, seconds: rounded((performance.now() - began) / 1000) })}\n`)
}

/** Talk goes to stderr. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** Four significant digits: more would be noise. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4))
}
