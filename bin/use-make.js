// `npm start` and `npm test` are doors to `make`, which knows which Node to use: on an old one npm itself would be wrong.
import { runInForeground } from './run-in-foreground.js'

const target = process.argv[2]
const args = process.argv.slice(3)
console.error('use make: running `make ' + target + '`')
runInForeground('make', [target].concat(args.length > 0 ? ['ARGS=' + args.join(' ')] : []))
