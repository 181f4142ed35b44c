// Plain JavaScript that any Node can parse: the entrances must be able to say what is missing.
import { spawn } from 'child_process'

/** Runs a command in our place: same terminal, signals handed on, its exit code is ours. */
export function runInForeground(command, args) {
  const child = spawn(command, args, { stdio: 'inherit' })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  signals.forEach(function (signal) {
    process.on(signal, function () {
      child.kill(signal)
    })
  })
  child.on('error', function (error) {
    console.error('cannot run ' + command + ': ' + error.message)
    process.exit(2)
  })
  child.on('exit', function (code, signal) {
    process.exit(signal === null ? code : 1)
  })
}
