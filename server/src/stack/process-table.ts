import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** When a process began, as text that no later process with the same pid shares; null when there is no such process. */
export function processBirth(pid: number): string | null {
  try {
    if (process.platform !== 'linux') return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    // Field 22 of /proc/PID/stat; the command in field 2 may hold blanks and ends at the last ')'.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? null : (fields[19] ?? null)
  } catch {
    // No such process: both ways to ask say so by failing.
    return null
  }
}

/** Resident memory of a process in bytes; null where the system does not say. */
export function processMemory(pid: number): number | null {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kilobytes === undefined ? null : Number(kilobytes) * 1024
  } catch {
    // The process is gone, or this system has no /proc.
    return null
  }
}

/** The command line of a process, shortened; null when it is gone or not ours to see. */
export function processCommand(pid: number): string | null {
  try {
    if (process.platform !== 'linux')
      return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
        .trim()
        .slice(0, 120)
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim().slice(0, 120)
  } catch {
    // The process is gone.
    return null
  }
}

/** Sends a signal to a whole process group; false when no process of it is left. */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-pid, signal)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}
