// node bin/count-tests.js [--check-failed] REPORT.json ...
// Reads vitest's JSON reports and closes a test run with one line that says how it went.
import { existsSync, readFileSync } from 'fs'

const args = process.argv.slice(2)
let passed = 0
let failed = 0
let skipped = 0

if (args[0] === '--check-failed') {
  console.error('make check failed before the tests; see its output above')
  args.shift()
  failed += 1
}

for (const path of args) {
  if (!existsSync(path)) {
    console.error(`no report at ${path}: the test run did not finish`)
    failed += 1
    continue
  }
  const report = JSON.parse(readFileSync(path, 'utf8'))
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  )
  passed += report.numPassedTests
  failed += report.numFailedTests + brokenFiles.length
  skipped += report.numPendingTests + report.numTodoTests
  if (!report.success && failed === 0) {
    console.error(`${path}: the run failed outside a test; see the output above`)
    failed += 1
  }
}

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
