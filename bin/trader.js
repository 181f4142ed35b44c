#!/usr/bin/env node
// Plain JavaScript that any Node can parse: on an old Node it runs itself again with the one in .tools.
import { existsSync } from 'fs'
import { fileURLToPath } from 'url'
import { runInForeground } from './run-in-foreground.js'

const main = new URL('../server/src/main.ts', import.meta.url)
const ownNode = fileURLToPath(new URL('../.tools/node_modules/node/bin/node', import.meta.url))
const version = process.versions.node.split('.').map(Number)

if (version[0] > 22 || (version[0] === 22 && version[1] >= 18)) {
  import(main.href).catch(function (error) {
    console.error(error)
    process.exit(1)
  })
} else if (existsSync(ownNode)) {
  runInForeground(ownNode, [fileURLToPath(main)].concat(process.argv.slice(2)))
} else {
  console.error('trader: needs Node 22.18 or newer, this is ' + process.version + '; run `make init`, which brings its own')
  process.exit(2)
}
